// The thread that loads may die, and takes nothing with it.

import { expect, it } from "vitest";
import type { LoadJob } from "./load.ts";
import { runLoad } from "./run-load.ts";

const job: LoadJob = { sources: [], rules: { purpose: "blocklist" }, limits: { maxBytes: 1, timeoutMs: 1 } };

it("what the thread throws comes back", async () => {
  const impossible = { ...job, rules: { purpose: "neither" } } as unknown as LoadJob;
  await expect(runLoad(impossible).result).rejects.toThrow(/State the `purpose`/);
});

it("a thread that is stopped has no result", async () => {
  const { result, stop } = runLoad(job);
  const ended = expect(result).rejects.toThrow("the thread ended early");
  await stop();
  await ended;
});

it("nothing to load is nothing to compile", async () => {
  expect(await runLoad(job).result).toEqual({ sources: [] });
});
