import { expect, it } from "vitest";
import { concernsTooMany } from "./breadth.ts";

it.each([
  ["ip-prefix", "0.0.0.0/0"],
  ["ip-prefix", "10.0.0.0/7"],
  ["ip-prefix", "::ffff:0.0.0.0/96"],
  ["ip-prefix", "::/0"],
  ["ip-prefix", "2001::/15"],
  ["global", "all"],
] as const)("%s %s is about too many", (scope, value) => {
  expect(concernsTooMany(scope, value)).toBe(true);
});

it.each([
  ["ip-prefix", "10.0.0.0/8"],
  ["ip-prefix", "2001::/16"],
  ["ip-prefix", "203.0.113.7"],
  ["ip", "203.0.113.7"],
  ["account", "0.0.0.0/0"],
] as const)("%s %s is not", (scope, value) => {
  expect(concernsTooMany(scope, value)).toBe(false);
});
