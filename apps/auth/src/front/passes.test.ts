// A device passes some times in a minute, whatever other devices do, and the table of them is bounded.

import { expect, it } from "vitest";
import { createPasses } from "./passes.ts";

it("each device has its passes, which are new in the next minute", () => {
  const clock = { now: 0 };
  const passes = createPasses({ perDevice: 2, windowMs: 1_000, now: () => clock.now });
  const take = (...devices: string[]) => passes.take(devices);
  expect([take("a"), take("a"), take("a")]).toEqual([true, true, false]);
  expect([take("b"), take("a", "b"), take("a", "b")]).toEqual([true, true, false]);
  expect(take()).toBe(false);
  clock.now = 999;
  expect(passes.has(["a"])).toBe(false);
  clock.now = 1_000;
  expect(passes.has(["a"])).toBe(true);
  expect(take("a")).toBe(true);
});

it("to look takes none", () => {
  const passes = createPasses({ perDevice: 1, now: () => 0 });
  for (let i = 0; i < 5; i++) expect(passes.has(["a"])).toBe(true);
  expect(passes.take(["a"])).toBe(true);
  expect(passes.has(["a"])).toBe(false);
});
