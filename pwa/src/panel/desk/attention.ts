/** Tells the officer: sound, title, a word for the screen reader, and a bar on other pages. */
import { isAwake, isMuted, mute, ring, wakeOnGesture } from "./sound";

const KNOWN = "mesa-conocidos";
const MOST_KNOWN = 500;
const TEXT = {
  lost: "Sin conexión con el servidor. Lo que ve puede estar atrasado. Seguimos intentando; si es urgente, use la radio o el teléfono.",
  back: "La conexión volvió.",
  out: "Su sesión terminó: la mesa ya no avisa. Vuelva a ingresar.",
  urgent: (n: number) => (n === 1 ? "Llegó un reporte urgente." : `Llegaron ${n} reportes, alguno urgente.`),
  ordinary: (n: number) => (n === 1 ? "Llegó un reporte." : `Llegaron ${n} reportes.`),
  see: "Ver la mesa",
  muted: "Sonido silenciado", on: "Sonido activado", asleep: "Toque la página para activar el sonido",
};
const title = document.title;
const find = (id: string): HTMLElement | null => document.getElementById(id);

/** Rings for those that this browser window did not know; the page may have changed meanwhile. */
export function notice(arrivals: Map<string, boolean>): void {
  const known = readKnown();
  const fresh = known ? [...arrivals].filter(([id]) => !known.has(id)) : [];
  // Pages show different parts of the desk: what one of them knew must not ring on another.
  const all = [...(known ?? []), ...fresh.map(([id]) => id), ...(known ? [] : arrivals.keys())];
  sessionStorage.setItem(KNOWN, JSON.stringify(all.slice(-MOST_KNOWN)));
  document.title = arrivals.size ? `(${arrivals.size}) ${title}` : title;
  if (!fresh.length) return;
  const isUrgent = fresh.some(([, urgent]) => urgent);
  const words = (isUrgent ? TEXT.urgent : TEXT.ordinary)(fresh.length);
  ring(isUrgent);
  say("anuncio", words);
  if (!document.querySelector('[data-region="lista"]')) offerDesk(words, isUrgent);
  for (const [id] of fresh) find(`r-${id}`)?.classList.add("reporte-nuevo");
}

export function sayLost(isLost: boolean): void {
  const place = find("conexion");
  if (!place) return;
  place.hidden = !isLost;
  place.textContent = isLost ? TEXT.lost : "";
  if (!isLost) say("anuncio", TEXT.back);
}

export function saySignedOut(): void {
  const place = find("conexion");
  if (!place) return;
  place.hidden = false;
  place.textContent = TEXT.out;
}

export function setUpSound(): void {
  const box = find("sonido"), toggle = find("silenciar"), test = find("probar-sonido");
  if (!box || !toggle || !test) return;
  box.hidden = false;
  const show = (): void => {
    toggle.setAttribute("aria-pressed", String(isMuted()));
    say("estado-sonido", isMuted() ? TEXT.muted : isAwake() ? TEXT.on : TEXT.asleep);
  };
  toggle.addEventListener("click", () => { mute(!isMuted()); show(); });
  test.addEventListener("click", () => { mute(false); ring(true); show(); });
  wakeOnGesture(show);
  show();
}

function say(id: string, words: string): void {
  const place = find(id);
  if (place) place.textContent = words;
}

function offerDesk(words: string, isUrgent: boolean): void {
  const place = find("conexion"), desk = find("oido")?.dataset["desk"];
  if (!place || !desk) return;
  const link = document.createElement("a");
  link.href = desk;
  link.textContent = TEXT.see;
  place.replaceChildren(`${words} `, link);
  place.classList.toggle("conexion-urgente", isUrgent);
  place.hidden = false;
}

function readKnown(): Set<string> | undefined {
  const kept = sessionStorage.getItem(KNOWN);
  return kept === null ? undefined : new Set(JSON.parse(kept) as string[]);
}
