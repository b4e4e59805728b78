import { expect, it } from "vitest";
import { printable } from "./printable.ts";

it.each([
  ["plain é 日", "plain é 日"],
  ["\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"],
  ["a\r\nb\t\0", "a\\u{d}\\u{a}b\\u{9}\\u{0}"],
  ["\x9b31m", "\\u{9b}31m"],
  ["\u202egnp.exe", "\\u{202e}gnp.exe"],
])("%j is shown as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it("Long text is cut.", () => {
  expect(printable("x".repeat(1000), 10)).toBe(`${"x".repeat(10)}…`);
});
