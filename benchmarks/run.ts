// Measures each part beside its peer in the same run, several times in turn; writes medians with machine, load and commit.
//
// `npm run bench` measures all parts, `npm run bench -- routes replay` those; what a part measured before stays in the file.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { guardRate, limitersRate } from "./engine.ts";
import { measureFlood } from "./flood.ts";
import { measureIdle } from "./idle.ts";
import { measureIpList } from "./ip-list.ts";
import { knownAddressTimes } from "./known-addresses.ts";
import { median } from "./median.ts";
import { measureObserved } from "./observed.ts";
import { measureRedis } from "./redis.ts";
import { measureRedisRoute } from "./redis-route.ts";
import { measureReplay } from "./replay.ts";
import { measureRoutes } from "./routes.ts";
import { measureSentry } from "./sentry.ts";
import { betterAuthRate, failureTimes, fluxAuthRate } from "./sign-in.ts";
import { measureTokens } from "./tokens.ts";

const rounds = 5;
/** Medians that differ by no more tell nobody which is which. */
const mostApart = 0.05;
const file = new URL("results.json", import.meta.url);

const parts: Readonly<Record<string, () => Promise<object>>> = {
  // A failed sign-in through all rules, beside six limiters of rate-limiter-flexible.
  engine: () => compare(guardRate, limitersRate, 3),
  routes: measureRoutes,
  // The guarded route with log, metrics and events, beside the same without.
  observed: measureObserved,
  // The guarded route with reports to Sentry, beside the same with none.
  sentry: measureSentry,
  replay: measureReplay,
  // Sign-ins of flux-auth, beside Better Auth with its default hash.
  "sign-ins": () => compare(fluxAuthRate, betterAuthRate, 3),
  failures: compareFailures,
  // Refreshes, and access tokens verified in a service, beside Better Auth's get-session.
  tokens: measureTokens,
  // The engine with windows in Redis, beside the same limiters there; several processes; many live values.
  redis: measureRedis,
  // The latency that it adds to a route, at half the rate that the guarded route can take.
  "redis-route": measureRedisRoute,
  // A million networks, and net.BlockList with fewer.
  "ip-list": measureIpList,
  // What `npm start` takes while nobody uses it, and how long it takes to answer.
  idle: measureIdle,
  // Wrong passwords from ten thousand addresses: memory, events, and whether it still says that it is well.
  flood: measureFlood,
};

/** Rates a second of both, and the median of their ratios pair by pair. */
async function compare(own: () => Promise<number>, peer: () => Promise<number>, target: number) {
  const pairs: [number, number][] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair: [number, number] = [await own(), await peer()];
    // The first round warms up.
    if (round > 0) pairs.push(pair);
  }
  const ratio = Number(median(pairs.map(([one, other]) => one / other)).toFixed(2));
  const [ownRate, peerRate] = [0, 1].map((i) => Math.round(median(pairs.map((pair) => pair[i] ?? 0))));
  return { ownPerSecond: ownRate, peerPerSecond: peerRate, ratio, target, reached: ratio >= target };
}

/**
 * Medians of a wrong password, an unknown account and a locked one, and of each door that takes an address that has an account
 * or has none; and how far apart they are.
 */
async function compareFailures() {
  const signIn = apartOf(await failureTimes());
  const addresses = Object.entries(await knownAddressTimes()).map(([door, times]) => [door, apartOf(times)]);
  const doors: Record<string, ReturnType<typeof apartOf>> = Object.fromEntries(addresses);
  const reached = [signIn, ...Object.values(doors)].every((one) => one.apart <= mostApart);
  return { ...signIn, addresses: doors, target: mostApart, reached };
}

function apartOf(times: Readonly<Record<string, readonly number[]>>) {
  const kinds = Object.entries(times).map(([kind, all]) => [kind, median(all)] as const);
  const medians = kinds.map(([, ms]) => ms);
  const apart = Number((Math.max(...medians) / Math.min(...medians) - 1).toFixed(3));
  const medianMs = Object.fromEntries(kinds.map(([kind, ms]) => [kind, Number(ms.toFixed(2))]));
  return { medianMs, apart };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  throw new Error(`There is no part ${unknown.join(", ")}: choose among ${Object.keys(parts).join(", ")}.`);
}
const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const results: Record<string, object> = {};
for (const [name, measure] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) {
    if (before.parts?.[name]) results[name] = before.parts[name];
    continue;
  }
  process.stderr.write(`${name} ...\n`);
  const found = await measure();
  // Programs that waited for a core while this was measured: above the number of cores, repeat it on a quiet machine.
  results[name] = { ...found, load: Number(loadavg()[0]?.toFixed(1)), commit: commit() };
}
const machine = `${cpus().length} x ${cpus()[0]?.model}`;
const report = `${JSON.stringify({ machine, node: process.version, parts: results }, null, 2)}\n`;
writeFileSync(file, report);
process.stdout.write(report);
// The peer leaves a timer for every key.
process.exit(0);

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : " and changes");
}
