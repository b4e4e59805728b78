import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { createOutput } from "./output.ts";

it("Output waits for a slow reader.", async () => {
  const taken: (() => void)[] = [];
  const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void taken.push(done) });
  const output = createOutput(slow);
  await output.ready();
  output.write("text");
  let isReady = false;
  const ready = output.ready().then(() => {
    isReady = true;
  });
  await Promise.resolve();
  expect(isReady).toBe(false);
  taken.shift()?.();
  await ready;
});

it("A reader that leaves is noticed, and nothing is waited for any more.", async () => {
  const gone = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("gone"), { code: "EPIPE" })),
  });
  const output = createOutput(gone);
  output.write("text");
  await output.ready();
  expect(output.closed).toBe(true);
  output.write("more");
  await output.ready();
});
