// Two flux-auths on one PostgreSQL and one Redis: a block of one holds in the other at once, a blocked flood makes no call, and
// a Redis that was killed costs no block.

import { adminBase } from "@fluxstudio/admin-api";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { connectRedis, createRedisDecisionStore } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { postgresProgram, startPostgres } from "../../tools/test-services/postgres-server.ts";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import type { TestServer } from "../../tools/test-services/server-process.ts";
import { provide } from "../../tools/test-services/system-program.ts";
import { type FluxAuth, startFluxAuth } from "../server/server.ts";

const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";
const [redisPath = "", initdb = ""] = provide([redisProgram, postgresProgram]);
const measured = 200;
/** Targets of the first test are counted up from here. */
const base = 10 * 2 ** 24;

let postgres: TestServer;
let redis: TestServer;
let one: FluxAuth;
let other: FluxAuth;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([
    startPostgres(initdb),
    startRedis(redisPath, { password: "secret" }),
  ]);
  const start = () =>
    startFluxAuth(async () => ({
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      FLUX_SECRET: secret,
      TRUSTED_PROXIES: "127.0.0.1",
    }));
  one = await start();
  other = await start();
});
afterAll(async () => {
  await Promise.all([one?.stop(), other?.stop()]);
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

const addressOf = (number: number) =>
  [24, 16, 8, 0].map((shift) => ((base + number) >> shift) & 255).join(".");

/** @returns when it was decided */
async function block(server: FluxAuth, value: string): Promise<number> {
  const answer = await fetch(`${server.url}${adminBase}/decisions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${signOperatorToken(secret, Date.now())}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ action: "block", scope: "ip", value, durationMs: 3_600_000, reason: "test" }),
  });
  const decision = (await answer.json()) as { createdAt: number };
  expect(answer.status, JSON.stringify(decision)).toBe(201);
  return decision.createdAt;
}

/** Asks at a door that looks nothing up. */
async function isBlocked(server: FluxAuth, ip: string): Promise<boolean> {
  const answer = await fetch(`${server.url}/api/auth/no-such-door`, { headers: { "x-forwarded-for": ip } });
  await answer.arrayBuffer();
  return answer.status === 403;
}

/** @returns when it was so */
async function blockedAt(server: FluxAuth, ip: string): Promise<number> {
  while (!(await isBlocked(server, ip)));
  return Date.now();
}

/** What a process without the database finds blocked. */
async function inRedis(): Promise<ReadonlySet<string>> {
  const connection = connectRedis({ url: redis.url, onError: () => {} });
  const store = createRedisDecisionStore({ connection, onError: () => {} });
  await store.ready;
  const values = new Set(store.list(Date.now()).map(({ value }) => value));
  await store.close?.();
  await connection.close();
  return values;
}

it("a block decided in one holds in the other within what is printed here", async () => {
  const lags: number[] = [];
  for (let i = 0; i < measured; i++) {
    const ip = addressOf(i);
    const [decidedAt, heldAt] = await Promise.all([block(one, ip), blockedAt(other, ip)]);
    lags.push(heldAt - decidedAt);
  }
  lags.sort((a, b) => a - b);
  const at = (share: number) => `${lags[Math.ceil(lags.length * share) - 1]} ms`;
  console.log(
    `From a block decided in one flux-auth to the answer with which the other first refuses: p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} (${measured} blocks).`,
  );
  expect(lags).toHaveLength(measured);
});

it("a flood from a blocked address makes no call to Redis", async () => {
  const ip = addressOf(1000);
  await Promise.all([block(one, ip), blockedAt(other, ip)]);
  const client = await createClient({ url: redis.url }).connect();
  onTestFinished(() => client.destroy());
  const calls = async () => Number(/cmdstat_fcall:calls=(\d+)/.exec(await client.info("commandstats"))?.[1]);
  const before = await calls();
  for (let i = 0; i < 500; i++) expect(await isBlocked(other, ip)).toBe(true);
  // Each process looks once a minute for what it may have missed.
  expect((await calls()) - before).toBeLessThanOrEqual(2);
});

it("Redis stands still: deciding waits for it in no process, and it has the block when it goes on", async () => {
  const ip = addressOf(1500);
  redis.signal("SIGSTOP");
  try {
    const askedAt = Date.now();
    await block(one, ip);
    const answeredMs = Date.now() - askedAt;
    const heldMs = (await blockedAt(other, ip)) - askedAt;
    console.log(
      `Redis standing still: decided and acknowledged after ${answeredMs} ms, in the other after ${heldMs} ms.`,
    );
  } finally {
    redis.signal("SIGCONT");
  }
  await expect.poll(async () => (await inRedis()).has(ip)).toBe(true);
});

it("Redis is full: a block holds in the other through the database, what Redis has can be read, and it gets the rest", async () => {
  const ip = addressOf(1600);
  const client = await createClient({ url: redis.url }).connect();
  onTestFinished(() => client.destroy());
  await client.configSet("maxmemory", "1");
  await block(one, ip);
  await blockedAt(other, ip);
  const whileFull = await inRedis();
  expect([whileFull.has(addressOf(0)), whileFull.has(ip)]).toEqual([true, false]);
  await client.configSet("maxmemory", "0");
  await expect.poll(async () => (await inRedis()).has(ip)).toBe(true);
});

it("Redis is killed: blocks hold, new ones reach the other through the database, and the empty Redis that comes gets them all", async () => {
  const before = addressOf(2000);
  const during = addressOf(2001);
  await Promise.all([block(one, before), blockedAt(other, before)]);
  redis.signal("SIGKILL");
  expect(await isBlocked(other, before)).toBe(true);
  const decidedAt = await block(one, during);
  const throughDatabaseMs = (await blockedAt(other, during)) - decidedAt;
  const { port } = redis;
  await redis.stop();
  redis = await startRedis(redisPath, { port, password: "secret" });
  const backAt = performance.now();
  await expect.poll(async () => (await inRedis()).size).toBe(measured + 5);
  const refilledMs = performance.now() - backAt;
  const refilled = await inRedis();
  expect([before, during].every((ip) => refilled.has(ip))).toBe(true);
  for (const server of [one, other])
    await expect.poll(() => server.said()).toContain("There is a connection to Redis again");
  const after = addressOf(2002);
  await Promise.all([block(other, after), blockedAt(one, after)]);
  console.log(
    `Without Redis a block reached the other after ${throughDatabaseMs} ms; an empty Redis had all ${refilled.size} blocks after ${Math.round(refilledMs)} ms.`,
  );
});
