/** Keeps "quedan 4 min" true while the page is open; the server says it alike (admin/moments.py). */

const MINUTE = 60, HOUR = 3600, DAY = 86_400;

export function spanWords(seconds: number): string {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} días`;
}

export function leftWords(deadline: number, now: number): string {
  const seconds = Math.abs(deadline - now) / 1000;
  return deadline > now ? `quedan ${spanWords(seconds)}` : `vencido hace ${spanWords(seconds)}`;
}

export function countDown(): void {
  const now = Date.now();
  for (const place of document.querySelectorAll<HTMLElement>("[data-deadline]")) {
    const deadline = Date.parse(place.dataset["deadline"] ?? "");
    const words = leftWords(deadline, now);
    if (place.textContent !== words) place.textContent = words;
    place.closest(".plazo")?.classList.toggle("plazo-vencido", deadline <= now);
  }
}
