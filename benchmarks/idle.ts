// `npm start` as a person runs it, on an empty data directory: how long until it answers, and what it takes when left alone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { median } from "./median.ts";

const rounds = 3;
const idleMs = 15_000;
const targets = { residentMegabytes: 130, startMs: 3_000 };
const root = new URL("..", import.meta.url).pathname;

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

/** One start in a directory of its own: milliseconds from the command to the first answer, and VmRSS after `waitMs`. */
async function start(waitMs: number) {
  const directory = mkdtempSync(join(tmpdir(), "flux-bench-"));
  // Nothing else of this environment: what is configured here is not what is measured.
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: directory,
    HOST: "127.0.0.1",
    PORT: "0",
  };
  const startedAt = performance.now();
  const npm = spawn("npm", ["start", "--silent"], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(npm, "exit");
  try {
    const { pid, port } = await listening(npm.stdout);
    try {
      const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
      if (status !== 200) throw new Error(`/readyz was answered with ${status}.`);
      const startMs = performance.now() - startedAt;
      await setTimeout(waitMs);
      return { startMs, residentMegabytes: residentMegabytes(pid) };
    } finally {
      process.kill(pid, "SIGTERM");
    }
  } finally {
    await exit;
    rmSync(directory, { recursive: true });
  }
}

/** The server's own process and port, out of the line that says where everything is. */
async function listening(output: NodeJS.ReadableStream): Promise<{ pid: number; port: number }> {
  let found: { pid: number; port: number } | undefined;
  for await (const line of createInterface({ input: output })) {
    if (!line.startsWith("{")) continue;
    const { pid, port } = JSON.parse(line);
    if (port === undefined) continue;
    found = { pid, port };
    break;
  }
  if (!found) throw new Error("The server did not start.");
  // A pipe that nobody reads would fill up.
  output.resume();
  return found;
}

/** `VmRSS` of proc_pid_status(5), in thousands of its kB. */
function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS.`);
  return Number(kilobytes) / 1_000;
}
