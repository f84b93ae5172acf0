/** When it happened, as a person remembers it: an hour, a part of the day, or between two moments. */

export type WhenMode = "hora" | "parte" | "rango";
export interface Moment { fecha: string; hora: string }
export interface When extends Moment { modo: WhenMode; parte: string; hasta: Moment }

/** Peru keeps UTC−5 all year. */
const LIMA = "-05:00";
/** The police's own turns. */
export const PARTS: Record<string, [string, string]> = {
  madrugada: ["00:00", "05:59"],
  manana: ["06:00", "11:59"],
  tarde: ["12:00", "17:59"],
  noche: ["18:00", "23:59"],
  dia: ["00:00", "23:59"],
};

export function blankWhen(): When {
  return { fecha: "", hora: "", modo: "hora", parte: "", hasta: { fecha: "", hora: "" } };
}

export function startOf(when: When): string | undefined {
  if (when.modo === "parte") return instant({ fecha: when.fecha, hora: PARTS[when.parte]?.[0] ?? "" });
  return instant(when);
}

export function endOf(when: When, now: Date): string | undefined {
  if (when.modo === "hora") return undefined;
  if (when.modo === "rango") return instant(when.hasta);
  const end = instant({ fecha: when.fecha, hora: PARTS[when.parte]?.[1] ?? "" });
  // "Tonight" said at eight o'clock does not reach into the future.
  return end && when.fecha === limaDay(now) && new Date(end) > now ? `${when.fecha}T${limaClock(now)}:00${LIMA}` : end;
}

/** Undefined for nothing at all; half a moment stays visibly wrong, so that it is asked for. */
function instant({ fecha, hora }: Moment): string | undefined {
  if (!fecha && !hora) return undefined;
  return `${fecha}T${hora && `${hora}:00`}${LIMA}`;
}

const inLima = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "America/Lima", hour12: false, ...options });
const day = inLima({ year: "numeric", month: "2-digit", day: "2-digit" });
const clock = inLima({ hour: "2-digit", minute: "2-digit" });

export const limaDay = (now: Date): string => day.format(now);
const limaClock = (now: Date): string => clock.format(now).replace(/^24/, "00");
