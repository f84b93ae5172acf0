/** The open case: its map, its forms without reload, and word of changes made by somebody else. */
import "./desk";
import { countDown } from "./desk/countdown";

const CHANGES_MS = 5000;
const NOT_SENT = "No se envió: no hay conexión con el servidor. Lo que escribió sigue aquí; inténtelo otra vez.";

setUpMap();
watchChanges();
forgetOnLeaving();
document.addEventListener("htmx:afterSettle", () => {
  countDown();
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
});
document.addEventListener("htmx:beforeRequest", (event) => forgetNotSent(event.target as HTMLElement));
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, (event) => sayNotSent(event.target as HTMLElement));
}

function sayNotSent(form: HTMLElement): void {
  const words = document.createElement("p");
  words.className = "error-campo no-enviado";
  words.setAttribute("role", "alert");
  words.textContent = NOT_SENT;
  form.append(words);
}

function forgetNotSent(form: HTMLElement): void {
  form.querySelector(".no-enviado")?.remove();
}

function setUpMap(): void {
  const place = document.getElementById("mapa");
  if (!place) return;
  const open = (): void => void import("./case/map").then(({ showCase }) => showCase(place)).catch(() => {
    place.textContent = place.dataset["falla"] ?? "";
  });
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    open();
  }, { rootMargin: "200px" });
  watcher.observe(place);
}

function watchChanges(): void {
  const place = document.getElementById("novedades-caso");
  const address = place?.dataset["url"];
  if (!place || !address) return;
  let told = "";
  setInterval(() => {
    const version = document.getElementById("cabeza")?.dataset["version"] ?? "";
    if (document.hidden || told === version) return;
    fetch(`${address}?desde=${version}`, { headers: { "HX-Request": "true" } }).then(async (answer) => {
      const isStill = document.getElementById("cabeza")?.dataset["version"] === version;
      if (answer.status !== 200 || !isStill) return;
      told = version;
      place.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
    }).catch(() => undefined); // the ear already says that there is no connection
  }, CHANGES_MS);
}

/** An opened identity is on its page once: coming back to it finds it gone. */
function forgetOnLeaving(): void {
  const shown = document.querySelector<HTMLElement>("[data-una-vez]");
  if (!shown) return;
  window.addEventListener("pagehide", () => {
    const words = document.createElement("p");
    words.textContent = shown.dataset["cerrada"] ?? "";
    shown.replaceChildren(words);
  });
}
