// `flux replay` on a generated log of a million lines whose truth is known: speed, memory, who was found, who was accused.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { median } from "./median.ts";

const lines = 1_000_000;
const rounds = 3;
const generator = new URL("../../shared/corpora/generate-access-log.py", import.meta.url).pathname;
const targets = { linesPerSecond: 250_000, peakMegabytes: 200 };

export async function measureReplay(): Promise<object> {
  if (!existsSync(generator)) return { skipped: "the generator of the log is not on this machine" };
  const directory = mkdtempSync(join(tmpdir(), "flux-bench-"));
  try {
    const [log, truth] = [join(directory, "access.log"), join(directory, "truth.json")];
    execFileSync("python3", [generator, log, truth, String(lines), "20260101"], { stdio: "ignore" });
    const attackers: { ip: string }[] = JSON.parse(readFileSync(truth, "utf8")).bruteforce;
    const all = [];
    for (let round = 0; round < rounds; round++) all.push(await replay(log));
    const found = new Set(all.flatMap((one) => [...one.found]));
    const guilty = new Set(attackers.map(({ ip }) => ip));
    const linesPerSecond = Math.round(median(all.map((one) => lines / (one.elapsedMs / 1000))));
    const linesPerCpuSecond = Math.round(median(all.map((one) => lines / (one.cpuMs / 1000))));
    const peakMegabytes = Math.max(...all.map((one) => one.peakMegabytes));
    const missed = [...guilty].filter((ip) => !found.has(ip)).length;
    const accused = [...found].filter((ip) => !guilty.has(ip)).length;
    const isRight = missed === 0 && accused === 0 && peakMegabytes < targets.peakMegabytes;
    return {
      linesPerSecond,
      linesPerCpuSecond,
      peakMegabytes,
      attackers: guilty.size,
      missed,
      accused,
      targets,
      reached: isRight && linesPerSecond >= targets.linesPerSecond,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One run in a process of its own, which says at its end what it used. */
async function replay(log: string) {
  const file = new URL("replay-process.ts", import.meta.url).pathname;
  const args = ["replay", log, "--format", "nginx", "--json"];
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  if (!child.stdout) throw new Error("The replay has no output.");
  const used = new Promise<Used>((resolve) => child.once("message", (message) => resolve(message as Used)));
  const found = new Set<string>();
  let elapsedMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line);
    if (record.kind === "summary") elapsedMs = record.elapsedMs;
    else if (record.rule === "brute-force") found.add(record.value);
  }
  return { elapsedMs, found, ...(await used) };
}

interface Used {
  readonly cpuMs: number;
  readonly peakMegabytes: number;
}
