// Distinct values in bounded memory.

import { expect, it } from "vitest";
import { addTo, countOf, kept, mergeSketches, type Sketch } from "./distinct.ts";

const values = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `198.18.${from + i}`);

it("few are counted exactly, however often each comes", () => {
  let sketch: Sketch = [];
  for (let round = 0; round < 3; round++)
    for (const value of values(0, kept - 1)) sketch = addTo(sketch, [value]);
  expect(countOf(sketch)).toEqual({ count: kept - 1, isExact: true });
});

it.each([1_000, 10_000, 100_000])("%i are counted to a sixth, in as much memory", (count) => {
  const sketch = addTo([], values(0, count));
  expect(sketch).toHaveLength(kept);
  const estimate = countOf(sketch);
  expect(estimate.isExact).toBe(false);
  // Four standard deviations.
  expect(Math.abs(estimate.count - count) / count).toBeLessThan(0.18);
});

it("two halves are the whole, also where they overlap", () => {
  const whole = addTo([], values(0, 3_000));
  expect(mergeSketches(addTo([], values(0, 2_000)), addTo([], values(1_000, 3_000)))).toEqual(whole);
});

it("what is known, or too large to matter, makes no new sketch", () => {
  const sketch = addTo([], values(0, 10_000));
  const added = values(0, 10_000).filter((value) => addTo(sketch, [value]) !== sketch);
  expect(added).toEqual([]);
  expect(addTo([], values(0, 10_000).reverse())).toEqual(sketch);
});
