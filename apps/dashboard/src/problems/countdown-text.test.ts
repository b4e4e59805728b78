// The words of a wait, and how seldom they change.

import { expect, it } from "vitest";
import { clockText, endText, spokenText } from "./countdown-text.ts";

it.each([
  [5, "0:05"],
  [60, "1:00"],
  [3599, "59:59"],
  [3600, "1:00:00"],
  [86_399, "23:59:59"],
])("%i seconds are shown as %s", (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});

it.each([
  [0, "You can try again now."],
  [60, "You can try again in less than a minute."],
  [61, "You can try again in 2 minutes."],
  [3600, "You can try again in about 60 minutes."],
  [3601, "You can try again in about 2 hours."],
])("after %i seconds it says: %s", (seconds, text) => {
  expect(spokenText(seconds)).toBe(text);
});

it("an hour's wait is spoken of less than twenty times", () => {
  const texts = new Set(Array.from({ length: 3601 }, (_, seconds) => spokenText(seconds)));
  expect(texts.size).toBeLessThan(20);
});

it("the end is told as a time of day, with the day when that is another one", () => {
  const noon = new Date(2026, 2, 4, 12, 0).getTime();
  const hours = (count: number) => noon + count * 3_600_000;
  expect(endText(hours(1), noon, "en-GB")).toBe("13:00");
  expect(endText(hours(24), noon, "en-GB")).toMatch(/^Thursday.* 12:00$/);
});
