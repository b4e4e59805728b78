import { expect, it } from "vitest";
import { momentOf } from "./moment.ts";

const now = Date.UTC(2026, 10, 28, 12);

it.each([
  ["90s", now - 90_000],
  ["24h", now - 86_400_000],
  ["99999d", 0],
  ["2026-11-28", Date.UTC(2026, 10, 28)],
  ["2026-11-28T09:00", Date.UTC(2026, 10, 28, 9)],
  ["2026-11-28T09:00:30Z", Date.UTC(2026, 10, 28, 9, 0, 30)],
  ["2026-11-28T09:00+02:00", Date.UTC(2026, 10, 28, 7)],
])("%s is a moment", (text, at) => {
  expect(momentOf("--since", text, now)).toBe(at);
});

it.each(["", "24", "1w", "yesterday", "2026-13-01", "28.11.2026", "-1h"])("%j is none", (text) => {
  expect(() => momentOf("--since", text, now)).toThrow(`--since takes 30m, 24h, 7d or a time`);
});
