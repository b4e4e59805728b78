// A body comes in whatever pieces, and takes no more than its own length.

import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { readBody } from "./read-body.ts";

const reading = (maxBytes: number) => {
  const incoming = new Readable({ read() {} });
  const bodies: (Buffer | "too-long")[] = [];
  readBody(incoming, maxBytes, (body) => bodies.push(body));
  return { incoming, bodies };
};

it("is what was sent, in one piece or in many", async () => {
  for (const pieces of [[], ["{}"], ["a", "bc", "", "def", "g".repeat(3_000), "h"]]) {
    const { incoming, bodies } = reading(4_000);
    for (const piece of pieces) incoming.push(Buffer.from(piece));
    incoming.push(null);
    await expect.poll(() => bodies.map(String)).toEqual([pieces.join("")]);
  }
});

it("may be as long as is allowed and not a byte longer", async () => {
  const ends = await Promise.all(
    ["567", "5678", "56789"].map(async (last) => {
      const { incoming, bodies } = reading(8);
      for (const piece of ["12", "34", last]) incoming.push(Buffer.from(piece));
      incoming.push(null);
      await expect.poll(() => bodies).toHaveLength(1);
      return String(bodies[0]);
    }),
  );
  expect(ends).toEqual(["1234567", "12345678", "too-long"]);
});

it("keeps none of ten thousand pieces of one byte", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const { incoming, bodies } = reading(64 * 1024);
  await nextTurn();
  const pieces: WeakRef<Buffer>[] = [];
  for (let i = 0; i < 10_000; i++) {
    const piece = Buffer.from("x");
    pieces.push(new WeakRef(piece));
    incoming.push(piece);
    if (i % 1_000 === 0) await nextTurn();
  }
  await nextTurn();
  collectGarbage();
  expect(pieces.filter((piece) => piece.deref()).length).toBeLessThan(1_000);
  incoming.push(null);
  await expect.poll(() => bodies.map(({ length }) => length)).toEqual([10_000]);
});
