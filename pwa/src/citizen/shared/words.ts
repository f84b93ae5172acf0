/** Times, weights and distances in words. */
import { t } from "./texts";

const LIMA = "America/Lima";
const day = new Intl.DateTimeFormat("es-PE", { day: "numeric", month: "long", timeZone: LIMA });
const wholeDay = new Intl.DateTimeFormat("es-PE", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: LIMA });
const moment = new Intl.DateTimeFormat("es-PE", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: LIMA,
});
const clock = new Intl.DateTimeFormat("es-PE", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: LIMA });

export const momentWords = (iso: string): string => moment.format(new Date(iso));
export const clockWords = (date: Date): string => clock.format(date);

/** "a las 12:00", on a clock of Lima. */
export const hourWords = (iso: string): string => {
  const time = clock.format(new Date(iso)).replace(/^24/, "00");
  return time === "00:00" ? "a medianoche" : `a las ${time}`;
};

export const dayWords = (iso: string): string => day.format(asDate(iso));
export const longDay = (iso: string): string => wholeDay.format(asDate(iso));

/** "2026-11-21" is a Lima date, not midnight UTC of the day before. */
function asDate(iso: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(iso) ? `${iso}T12:00:00-05:00` : iso);
}

export function weightWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} KB`;
  return `${(bytes / 1_000_000).toFixed(1).replace(".", ",")} MB`;
}

export function accuracyWords(metres: number): string {
  const whole = Math.max(1, Math.round(metres));
  if (metres <= 25) return t.place.exact(whole);
  if (metres <= 100) return t.place.good(whole);
  if (metres <= 1000) return t.place.rough(Math.round(metres / 10) * 10);
  return t.place.vague((metres / 1000).toFixed(metres < 10_000 ? 1 : 0).replace(".", ","));
}

export const stateWords = (state: string): string => t.states[state] ?? state;
