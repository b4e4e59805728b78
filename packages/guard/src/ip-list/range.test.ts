// A range becomes the fewest CIDRs that hold exactly its addresses.

import fc from "fast-check";
import { expect, it } from "vitest";
import { splitRange } from "./range.ts";

const ends = (first: number[], last: number[]) => [Uint32Array.from(first), Uint32Array.from(last)] as const;

it("holds each address of the range once, in order, in blocks that cannot be joined", () => {
  // Crowded at both ends of the space, so that blocks of all sizes come about.
  const address = fc.oneof(
    fc.nat({ max: 5000 }),
    fc.nat({ max: 5000 }).map((below) => 2 ** 32 - 1 - below),
  );
  const property = fc.property(address, address, (one, other) => {
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    const pieces = splitRange(4, ...ends([first], [last])) ?? [];
    let next = first;
    for (const [i, piece] of pieces.entries()) {
      const size = 2 ** (32 - piece.length);
      expect(piece.first[0]).toBe(next);
      expect(next % size).toBe(0);
      const after = pieces[i + 1];
      const joins = after?.length === piece.length && next % (2 * size) === 0;
      expect(joins).toBe(false);
      next += size;
    }
    expect(next).toBe(last + 1);
  });
  fc.assert(property, { numRuns: 500, seed: 20_261_125 });
});

it("takes the whole space as one block, and IPv6 across words", () => {
  expect(splitRange(4, ...ends([0], [0xffffffff]))).toEqual([{ first: Uint32Array.of(0), length: 0 }]);
  expect(splitRange(6, ...ends([1, 0, 0, 0xffffffff], [1, 0, 1, 0]))).toEqual([
    { first: Uint32Array.of(1, 0, 0, 0xffffffff), length: 128 },
    { first: Uint32Array.of(1, 0, 1, 0), length: 128 },
  ]);
  const widest = ends([0, 0, 0, 1], [0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe]);
  expect(splitRange(6, ...widest)).toHaveLength(254);
});

it("is none when it ends before it begins", () => {
  expect(splitRange(4, ...ends([2], [1]))).toBeUndefined();
});
