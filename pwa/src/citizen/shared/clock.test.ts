import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetHeard, hear, isNotYet, surelyNow } from "./clock";

const DAY = 24 * 60 * 60_000;
const PHONE = new Date("2026-11-21T15:00:00Z");

describe("what time it surely is", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: PHONE });
    forgetHeard();
  });
  it("is not known before the server has said anything", () => expect(surelyNow()).toBeNull());
  it("is the server's where the phone is behind", () => {
    hear("Mon, 01 Feb 2027 10:00:00 GMT");
    vi.advanceTimersByTime(60_000);
    expect(surelyNow()).toEqual(new Date("2027-02-01T10:01:00Z"));
  });
  it("is the phone's where an answer is older, as from a cache", () => {
    hear("Fri, 20 Nov 2026 10:00:00 GMT");
    expect(surelyNow()).toEqual(PHONE);
  });
  it("learns nothing from an answer without a date", () => {
    hear(null);
    hear("pronto");
    expect(surelyNow()).toBeNull();
  });
});

describe("a moment that has not come", () => {
  it("is more than a day away", () => {
    expect(isNotYet(new Date(PHONE.getTime() + DAY), PHONE)).toBe(false);
    expect(isNotYet(new Date(PHONE.getTime() + DAY + 1), PHONE)).toBe(true);
    expect(isNotYet(new Date(""), PHONE)).toBe(false);
  });
});
