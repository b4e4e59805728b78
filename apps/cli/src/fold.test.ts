import { expect, it } from "vitest";
import { fold } from "./fold.ts";

const event =
  "2026-01-05T09:00:00Z  203.0.113.7  sign-in-failure  brute-force (high) -> block until 2026-01-05T10:00:00Z";
const counted =
  "counted: brute-force.failures 5 of 5 in 5 min, 6 of 10 in 30 min, empty at 2026-01-05T09:30:00Z";

it("What is read by a program stays one line, and so does what fits.", () => {
  expect(fold(event, undefined)).toBe(event);
  expect(fold(event, event.length)).toBe(event);
});

it("A narrow terminal gets lines that fit, broken between thoughts.", () => {
  expect(fold(event, 60).split("\n")).toEqual([
    "2026-01-05T09:00:00Z  203.0.113.7  sign-in-failure",
    "  brute-force (high) -> block until 2026-01-05T10:00:00Z",
  ]);
  expect(fold(counted, 60).split("\n")).toEqual([
    "counted: brute-force.failures 5 of 5 in 5 min,",
    "  6 of 10 in 30 min, empty at 2026-01-05T09:30:00Z",
  ]);
});

it("A sentence that is longer than a line is broken between words.", () => {
  expect(
    fold("brute-force  enforce  Too many wrong passwords were tried from one address.", 40).split("\n"),
  ).toEqual(["brute-force  enforce  Too many wrong", "  passwords were tried from one address."]);
});

it("No line is wider than the terminal while its words are narrower.", () => {
  const rule =
    "brute-force  enforce  5 in 5 min  Too many failed sign-ins from one address, or on one known device.";
  for (const line of [event, counted, rule])
    for (let columns = 30; columns < 100; columns++)
      for (const one of fold(line, columns).split("\n")) expect(one.length).toBeLessThanOrEqual(columns);
});

it("What has no space is left to the terminal, and nothing is lost at any width.", () => {
  expect(fold("x".repeat(100), 60)).toBe("x".repeat(100));
  for (let columns = 1; columns < event.length; columns++)
    expect(fold(event, columns).replace(/\s+/g, "")).toBe(event.replace(/\s+/g, ""));
});
