/** What time it is at least: a phone's clock may be days behind, so the server's answers are listened to. */

const DAY_MS = 24 * 60 * 60_000;

/** How far the server is ahead of the phone; null before its first answer. */
let ahead: number | null = null;

/** The `Date` of an answer. One out of a cache is older, so the latest counts. */
export function hear(date: string | null): void {
  const heard = Date.parse(date ?? "");
  if (!Number.isNaN(heard)) ahead = Math.max(ahead ?? -Infinity, heard - Date.now());
}

export function forgetHeard(): void {
  ahead = null;
}

/** Nobody is refused anything by the phone's clock alone: null while only that one is known. */
export function surelyNow(): Date | null {
  return ahead === null ? null : new Date(Date.now() + Math.max(ahead, 0));
}

/** As the server has it: within a day it may be another zone or a slow clock. */
export function isNotYet(moment: Date, now: Date): boolean {
  return moment.getTime() > now.getTime() + DAY_MS;
}
