// Measures each part beside its peer in the same run, several times in turn; prints medians and writes them with machine and commit.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { guardRate, limitersRate } from "./engine.ts";
import { routeRate } from "./http.ts";
import { betterAuthRate, failureTimes, fluxAuthRate } from "./sign-in.ts";

const rounds = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Rates a second of both, and the median of their ratios pair by pair. */
async function compare(
  name: string,
  own: () => Promise<number>,
  peer: () => Promise<number>,
  target: number,
) {
  const pairs: [number, number][] = [];
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`${name}: round ${round} of ${rounds}\n`);
    const pair: [number, number] = [await own(), await peer()];
    // The first round warms up.
    if (round > 0) pairs.push(pair);
  }
  const ratio = Number(median(pairs.map(([one, other]) => one / other)).toFixed(2));
  const [ownRate, peerRate] = [0, 1].map((i) => Math.round(median(pairs.map((pair) => pair[i] ?? 0))));
  return { name, ownPerSecond: ownRate, peerPerSecond: peerRate, ratio, target, reached: ratio >= target };
}

const comparisons = [
  await compare(
    "a failed sign-in through all rules, beside six rate-limiter-flexible",
    guardRate,
    limitersRate,
    3,
  ),
  await compare(
    "a guarded route, beside the bare one",
    () => routeRate("guarded"),
    () => routeRate("bare"),
    0.85,
  ),
  await compare(
    "a blocked address, beside the bare route",
    () => routeRate("blocked"),
    () => routeRate("bare"),
    0.95,
  ),
  await compare("sign-ins of flux-auth, beside Better Auth's default hash", fluxAuthRate, betterAuthRate, 3),
];
const times = await failureTimes();
const failureMs = Object.fromEntries(
  Object.entries(times).map(([kind, all]) => [kind, Number(median(all).toFixed(2))]),
);
const results = {
  machine: `${cpus().length} x ${cpus()[0]?.model}`,
  node: process.version,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  comparisons,
  failureMs,
};
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
// The peer leaves a timer for every key.
process.exit(0);
