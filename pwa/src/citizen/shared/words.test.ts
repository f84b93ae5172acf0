import { describe, expect, it } from "vitest";
import { newKey } from "./keys";
import { accuracyWords, dayWords, hourWords, momentWords, weightWords } from "./words";

describe("times are Lima's", () => {
  it("a date stays its own day", () => expect(dayWords("2026-11-21")).toBe("21 de noviembre"));
  it("an instant is told in Lima's clock", () => expect(momentWords("2026-11-21T04:30:00+00:00")).toContain("23:30"));
  it.each([["2026-11-21T17:00:00Z", "a las 12:00"], ["2026-11-21T05:00:00Z", "a medianoche"]])(
    "%s is %s", (iso, words) => expect(hourWords(iso)).toBe(words));
});

describe("accuracy and weight in words", () => {
  it.each([
    [8, "muy precisa (a unos 8 m)"],
    [60, "buena (a unos 60 m)"],
    [432, "aproximada (a unos 430 m). Una referencia ayuda mucho"],
    [2500, "poco precisa (a unos 2,5 km). Mejor escribe una referencia"],
  ])("%d m", (metres, words) => expect(accuracyWords(metres)).toBe(words));
  it("weights", () => expect([weightWords(900), weightWords(430_000), weightWords(3_200_000)]).toEqual(["1 KB", "430 KB", "3,2 MB"]));
});

describe("a report's key", () => {
  it("is a UUID v4 also where randomUUID is missing", () => {
    const real = crypto.randomUUID;
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    const key = newKey();
    Object.defineProperty(crypto, "randomUUID", { value: real, configurable: true });
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
