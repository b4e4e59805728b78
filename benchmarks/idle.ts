// What `npm start` takes when it is left alone, and how long it takes from the command to the first answer.

import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { median } from "./median.ts";
import { npmStart } from "./npm-start.ts";

const rounds = 3;
const idleMs = 15_000;
const targets = { residentMegabytes: 130, startMs: 3_000 };

export async function measureIdle(): Promise<object> {
  if (!existsSync("/proc/self/status")) return { skipped: "only Linux says in /proc what a process takes" };
  // The first start after a change builds the pages and fills the compile cache.
  await start(0);
  const all = [];
  for (let round = 0; round < rounds; round++) all.push(await start(idleMs));
  const residentMegabytes = Number(median(all.map((one) => one.residentMegabytes)).toFixed(1));
  const startMs = Math.round(median(all.map((one) => one.startMs)));
  const reached = residentMegabytes <= targets.residentMegabytes && startMs < targets.startMs;
  return { residentMegabytes, startMs, targets, reached };
}

/** One start on an empty data directory: milliseconds from the command to the first answer, and memory after `waitMs`. */
async function start(waitMs: number) {
  const startedAt = performance.now();
  const server = await npmStart();
  try {
    const { status } = await fetch(`${server.url}/readyz`);
    if (status !== 200) throw new Error(`/readyz was answered with ${status}.`);
    const startMs = performance.now() - startedAt;
    await setTimeout(waitMs);
    return { startMs, residentMegabytes: server.residentMegabytes() };
  } finally {
    await server.stop();
  }
}
