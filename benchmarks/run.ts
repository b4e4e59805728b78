// Measures the guard beside its peer in the same run, several times in turn, and writes the medians with machine and commit.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";
import { RateLimiterMemory } from "rate-limiter-flexible";

const rounds = 5;
const signals = 300_000;
const addresses = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.7`);
const address = (i: number): string => addresses[i % addresses.length] as string;

/** Signals a second. Each address fails about once in 80 s, so that windows fill up and no block ends the work. */
async function guardRate(): Promise<number> {
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onStoreError: "refuse",
    onError: (error) => {
      throw error;
    },
  });
  const start = performance.now();
  for (let i = 0; i < signals; i++) {
    const account = `account${i % 5000}`;
    await guard.record({ type: "sign-in-failure", at: 1.7e12 + i * 4, ip: address(i), account });
  }
  return (signals / (performance.now() - start)) * 1000;
}

async function peerRate(): Promise<number> {
  const limiters = Array.from(
    { length: 6 },
    (_, i) => new RateLimiterMemory({ points: 1e9, duration: 300, keyPrefix: `limiter${i}` }),
  );
  const start = performance.now();
  for (let i = 0; i < signals; i++) {
    const key = address(i);
    await Promise.all(limiters.map((limiter) => limiter.consume(key)));
  }
  return (signals / (performance.now() - start)) * 1000;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const pairs: { guard: number; peer: number }[] = [];
for (let round = 0; round <= rounds; round++) {
  const pair = { guard: await guardRate(), peer: await peerRate() };
  // The first round warms up.
  if (round > 0) pairs.push(pair);
  process.stderr.write(`round ${round} of ${rounds}\n`);
}
const results = {
  machine: `${cpus().length} x ${cpus()[0]?.model}`,
  node: process.version,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  failedSignInThroughAllRulesPerSecond: Math.round(median(pairs.map((pair) => pair.guard))),
  sixRateLimiterFlexiblePerSecond: Math.round(median(pairs.map((pair) => pair.peer))),
  ratio: Number(median(pairs.map((pair) => pair.guard / pair.peer)).toFixed(2)),
  target: 3,
};
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
// The peer leaves a timer for every key.
process.exit(0);
