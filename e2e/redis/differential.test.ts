// The same signals are counted, detected and decided in the same way in memory, on one Redis, and on a cluster.

import { randomBytes } from "node:crypto";
import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
  type Guard,
  ipScopeValue,
  type RuleOverrides,
  type SecurityEvent,
  type WindowStore,
} from "@fluxstudio/guard";
import { connectRedis, createRedisWindowStore, type RedisConnection } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RedisCluster, startRedisCluster } from "../../tools/test-services/redis-cluster.ts";
import { redisProgram } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";
import { type RandomSignal, randomSignals } from "./random-signals.ts";

const sequences = 2000;
const length = 25;
const atOnce = 50;

let cluster: RedisCluster;
let connections: readonly [RedisConnection, RedisConnection];
const url = process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const onError = (error: unknown) => console.error(error);

beforeAll(async () => {
  const [program = ""] = provide([redisProgram]);
  cluster = await startRedisCluster(program);
  connections = [connectRedis({ url, onError }), connectRedis({ url: cluster.url, onError })];
  await Promise.all(connections.map(({ ready }) => ready));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await cluster.stop();
});

/** With these nearly every failure is a detection that blocks nobody, so that reputations fall, and soon block. */
const manyDetections = {
  "brute-force": { threshold: 1, windowMs: 1000, response: { action: "record" } },
  reputation: { threshold: 38 },
} as const;

const smallShares = { "brute-force": { threshold: 2 } };

/** Ids that are the same in every store, and errors that end the test. */
function createComparableGuard(
  windows: WindowStore,
  settings: RuleOverrides,
): { guard: Guard; events: SecurityEvent[] } {
  const events: SecurityEvent[] = [];
  let made = 0;
  const guard = createGuard({
    rules: builtInRules,
    settings,
    windows,
    decisions: createMemoryDecisionStore(),
    storeTimeoutMs: 30_000,
    onError: (error) => {
      throw error;
    },
    sinks: [{ name: "test", write: (event) => void events.push(event) }],
    makeId: () => `id ${made++}`,
  });
  return { guard, events };
}

/** Now and then the addresses begin with a good reputation, where each account has a share of what is counted. */
const goodRepute = (signals: readonly RandomSignal[]) =>
  [...new Set(signals.map(({ signal }) => ipScopeValue(signal.ip)))].map((value) => ({
    ...({
      kind: "score",
      scope: "ip",
      value,
      at: signals[0]?.signal.at ?? 0,
      points: 100,
      by: "test",
    } as const),
    ...{ tag: "somebody", halfLifeMs: 7 * 24 * 3_600_000, mostADay: 20, holdMs: 0 },
  }));

/** Everything that a guard says about a sequence, and what it has counted and decided in the end. */
async function run(
  windows: WindowStore,
  signals: readonly RandomSignal[],
  settings: RuleOverrides,
  isGood: boolean,
): Promise<readonly unknown[]> {
  if (isGood) await windows.observe(goodRepute(signals));
  const { guard, events } = createComparableGuard(windows, settings);
  const said: unknown[] = [];
  for (const { verb, signal } of signals) said.push(await guard[verb](signal));
  const at = signals.at(-1)?.signal.at ?? 0;
  const explained = [];
  for (const { signal } of signals.slice(-5)) {
    explained.push(await guard.explain("ip", signal.ip, at));
    if (signal.account) explained.push(await guard.explain("account", signal.account, at));
    if (signal.session) explained.push(await guard.explain("session", signal.session, at));
  }
  const [decision] = guard.decisions(at);
  const lifted = decision && (await guard.lift(decision.id, at));
  return [said, events, explained, guard.decisions(at), lifted];
}

it(`${sequences} random sequences of ${length} signals have the same outcome in all three`, async () => {
  const flusher = await createClient({ url }).connect();
  let detections = 0;
  let byReputation = 0;
  let ofOneAccount = 0;
  for (let first = 1; first <= sequences; first += atOnce) {
    // Scripts are lost in the middle, as after a restart.
    if (first % 500 === 1) await flusher.sendCommand(["FUNCTION", "FLUSH"]);
    const seeds = Array.from({ length: Math.min(atOnce, sequences + 1 - first) }, (_, i) => first + i);
    await Promise.all(
      seeds.map(async (seed) => {
        const signals = randomSignals(seed, length);
        const isGood = seed % 4 === 1;
        const settings = seed % 4 === 0 ? manyDetections : isGood ? smallShares : {};
        const [expected, ...others] = await Promise.all([
          run(createMemoryWindowStore(), signals, settings, isGood),
          ...connections.map((connection) => {
            const prefix = randomBytes(6).toString("hex");
            return run(createRedisWindowStore({ connection, prefix }), signals, settings, isGood);
          }),
        ]);
        const [, events] = expected as [unknown, SecurityEvent[]];
        detections += events.reduce((sum, event) => sum + event.detections.length, 0);
        ofOneAccount += events.filter(({ decision }) => decision?.scope === "account+ip").length;
        byReputation += events.filter(({ decision }) => decision?.rule === "reputation").length;
        for (const other of others) expect(other, `seed ${seed}`).toEqual(expected);
      }),
    );
  }
  flusher.destroy();
  console.log(`${sequences * length} signals, ${detections} detections, the same in all three.`);
  expect(detections).toBeGreaterThan(sequences / 2);
  expect(byReputation).toBeGreaterThan(sequences / 100);
  expect(ofOneAccount).toBeGreaterThan(sequences / 100);
});
