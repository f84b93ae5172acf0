/** Days and months in words, and the months of the summary as the API names them: "2026-11". */

const LIMA = "America/Lima";
const date = new Intl.DateTimeFormat("es-PE", { day: "numeric", month: "long", year: "numeric", timeZone: LIMA });

/** "2027-11-21" is a day of Lima, not midnight UTC of the day before. */
export const dateWords = (day: string): string => date.format(new Date(`${day}T12:00:00-05:00`));

export function monthOf(now: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", timeZone: LIMA }).formatToParts(now);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

export function monthsLater(month: string, count: number): string {
  const [year = 0, of = 1] = month.split("-").map(Number);
  const months = year * 12 + of - 1 + count;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}`;
}
