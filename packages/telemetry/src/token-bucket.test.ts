// As many at once as the burst, then one for each refill, whatever the clock does.

import { expect, it } from "vitest";
import { createTokenBucket } from "./token-bucket.ts";

it("lets the burst through, then one for each refill", () => {
  const bucket = createTokenBucket({ burst: 3, refillMs: 1_000 });
  const taken = [0, 0, 0, 0, 999, 1_000, 1_000, 3_500, 3_500, 3_500].map((at) => bucket.take(at));
  expect(taken).toEqual([true, true, true, false, false, true, false, true, true, false]);
});

it("holds no more than the burst after a long time", () => {
  const bucket = createTokenBucket({ burst: 2, refillMs: 1_000 });
  expect([1e12, 1e12, 1e12].map((at) => bucket.take(at))).toEqual([true, true, false]);
});

it("is not refilled by a clock that goes back and forth", () => {
  const bucket = createTokenBucket({ burst: 1, refillMs: 1_000 });
  expect([5_000, 0, 5_000, 0, 5_999, 6_000].map((at) => bucket.take(at))).toEqual([
    ...[true, false, false, false, false, true],
  ]);
});

it("has a token again that was given back, and never more than the burst", () => {
  const bucket = createTokenBucket({ burst: 1, refillMs: 1_000 });
  bucket.giveBack();
  expect(bucket.take(0)).toBe(true);
  bucket.giveBack();
  expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
});
