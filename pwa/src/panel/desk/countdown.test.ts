import { expect, test } from "vitest";
import { leftWords, spanWords } from "./countdown";

test("a length of time is said by its largest unit", () => {
  expect([5, 61, 119 * 60, 3 * 3600, 3 * 86_400].map(spanWords)).toEqual(["5 s", "1 min", "119 min", "3 h", "3 días"]);
});

test("what is overdue is said in words", () => {
  expect(leftWords(60_000, 0)).toBe("quedan 1 min");
  expect(leftWords(0, 90_000)).toBe("vencido hace 1 min");
});
