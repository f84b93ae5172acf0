/** When a failed sending is tried again, and how it waits; knows nothing of the screen. */

const WAITS_S = [2, 4, 8, 15, 30, 60];
const WORTH_REPEATING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** status 0 stands for "no answer at all". */
export function isWorthRepeating(status: number): boolean {
  return status === 0 || WORTH_REPEATING.has(status);
}

/** Seconds before attempt number `attempt` + 1; a server's Retry-After wins when longer, up to 5 minutes. */
export function waitSeconds(attempt: number, retryAfter: number | null = null): number {
  const own = WAITS_S[Math.min(attempt, WAITS_S.length) - 1] ?? 2;
  return Math.min(Math.max(own, retryAfter ?? 0), 300);
}

export interface Waiting {
  /** Resolves when the time has passed, the line is back, or `now()` is called. */
  done: Promise<void>;
  now(): void;
}

export function waitToRetry(seconds: number, onSecond: (left: number) => void): Waiting {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  let left = seconds;
  onSecond(left);
  const clock = setInterval(() => {
    left -= 1;
    if (left <= 0) now();
    else onSecond(left);
  }, 1000);
  const now = (): void => {
    clearInterval(clock);
    globalThis.removeEventListener?.("online", now);
    finish();
  };
  globalThis.addEventListener?.("online", now);
  return { done, now };
}
