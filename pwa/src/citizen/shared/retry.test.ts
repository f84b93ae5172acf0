import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isWorthRepeating, waitSeconds, waitToRetry } from "./retry";

describe("what is worth repeating", () => {
  it.each([0, 408, 429, 500, 502, 503, 504])("%d is", (status) => expect(isWorthRepeating(status)).toBe(true));
  it.each([201, 400, 401, 403, 404, 413, 415, 422, 507])("%d is not", (status) =>
    expect(isWorthRepeating(status)).toBe(false),
  );
});

describe("how long it waits", () => {
  it("waits longer each time and never over a minute by itself", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => waitSeconds(attempt))).toEqual([2, 4, 8, 15, 30, 60, 60, 60]);
  });
  it("obeys the server's Retry-After within reason", () => {
    expect(waitSeconds(1, 40)).toBe(40);
    expect(waitSeconds(6, 3)).toBe(60);
    expect(waitSeconds(1, 86400)).toBe(300);
  });
});

describe("the wait itself", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("counts down and ends", async () => {
    const seen: number[] = [];
    const waiting = waitToRetry(3, (left) => seen.push(left));
    await vi.advanceTimersByTimeAsync(3000);
    await waiting.done;
    expect(seen).toEqual([3, 2, 1]);
  });

  it("ends at once when the person asks", async () => {
    const waiting = waitToRetry(60, () => undefined);
    waiting.now();
    await waiting.done;
    expect(vi.getTimerCount()).toBe(0);
  });
});
