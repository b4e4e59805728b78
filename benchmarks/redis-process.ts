// One process with a guard on Redis, which does what its parent says and answers with figures.

import { builtInRules, createGuard, createMemoryDecisionStore } from "@fluxstudio/guard";
import { connectRedis, createRedisWindowStore } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";

export interface RedisTask {
  readonly url: string;
  readonly prefix: string;
  /** `guard`: failed sign-ins. `limiters`, `limiters-node-redis`: six limiters awaited together. `ping`: a bare PING. */
  readonly what: "guard" | "limiters" | "limiters-node-redis" | "ping";
  readonly inFlight: number;
  /** It ends after this time, or this many. */
  readonly ms: number;
  readonly most?: number;
  /** How many addresses, each with an account of its own, take turns. */
  readonly addresses: number;
  /** The first of them: processes that share a Redis have each their own. */
  readonly from: number;
}

export interface RedisFigures {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

const prepared = new Map<string, { one(i: number): Promise<unknown>; connection: { close(): unknown } }>();

async function prepare({ url, prefix, what }: RedisTask) {
  switch (what) {
    case "guard": {
      const connection = connectRedis({ url, onError: (error) => console.error(error) });
      await connection.ready;
      const guard = createGuard({
        rules: builtInRules,
        windows: createRedisWindowStore({ connection, prefix }),
        decisions: createMemoryDecisionStore(),
        storeTimeoutMs: 60_000,
        onError: (error) => {
          throw error;
        },
      });
      // Each address and account fails once in 280 s or more, however many there are, so that no rule ends the work.
      return {
        connection,
        one: async (i: number) =>
          guard.record({
            type: "sign-in-failure",
            at: at(i),
            ip: address(i),
            account: `account ${i % 2 ** 31}`,
          }),
      };
    }
    case "ping": {
      const client = await createClient({ url }).connect();
      return {
        connection: { close: () => client.destroy() },
        one: () => client.sendCommand(["PING"], { timeout: undefined }),
      };
    }
    case "limiters": {
      const client = new Redis(url);
      const limiters = sixLimiters({ storeClient: client, keyPrefix: prefix });
      const one = (i: number) => Promise.all(limiters.map((limiter) => limiter.consume(address(i))));
      return { connection: { close: () => client.disconnect() }, one };
    }
    case "limiters-node-redis": {
      const client = await createClient({ url, commandOptions: { timeout: undefined } }).connect();
      const limiters = sixLimiters({ storeClient: client, useRedisPackage: true, keyPrefix: prefix });
      const one = (i: number) => Promise.all(limiters.map((limiter) => limiter.consume(address(i))));
      return { connection: { close: () => client.destroy() }, one };
    }
  }
}

const sixLimiters = (options: { storeClient: unknown; keyPrefix: string; useRedisPackage?: boolean }) =>
  Array.from(
    { length: 6 },
    (_, i) =>
      new RateLimiterRedis({ points: 1e9, duration: 300, ...options, keyPrefix: `${options.keyPrefix}${i}` }),
  );

let clock = 1.7e12;
const at = (_: number) => (clock += 14);
const address = (i: number) => `${10 + (i >> 24)}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;

async function run(task: RedisTask): Promise<RedisFigures> {
  const { what, inFlight, ms, most = Number.POSITIVE_INFINITY, addresses, from } = task;
  const ready = prepared.get(what) ?? (await prepare(task));
  prepared.set(what, ready);
  const end = performance.now() + ms;
  let done = 0;
  const before = process.cpuUsage();
  const begin = performance.now();
  const worker = async () => {
    while (done < most && performance.now() < end) await ready.one(from + (done++ % addresses));
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: done / seconds, cpuMicros: (user + system) / done };
}

process.on("message", (task: RedisTask) => {
  void run(task).then((figures) => process.send?.(figures));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
