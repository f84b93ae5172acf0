/** A moment with its year, on Lima's clock: a constancia may be old. */
const moment = new Intl.DateTimeFormat("es-PE", {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "America/Lima",
});

export const momentWords = (iso: string): string => moment.format(new Date(iso));
