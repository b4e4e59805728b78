// Decisions in the database and in Redis at once: each gives the other what it has lost.

import { randomBytes } from "node:crypto";
import type { Decision, DecisionStore } from "@fluxstudio/guard";
import { connectRedis, createRedisDecisionStore } from "@fluxstudio/guard/redis";
import { createLogger } from "@fluxstudio/telemetry";
import { createClient } from "@redis/client";
import { expect, it, onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { createSqlDecisionStore } from "./sql-decision-store.ts";

const url = process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const now = 1_795_000_000_000;
const logger = createLogger({ level: "info", stream: { write() {} } });

const block = (id: string, changes: Partial<Decision> = {}): Decision => ({
  id,
  action: "block",
  scope: "ip",
  value: "203.0.113.7",
  origin: "rule",
  createdAt: now,
  until: now + 60 * 60_000,
  ...changes,
});

/** A process with a connection of its own; its stores are closed after the test, or before by `end`. */
async function startProcess(prefix: string, database?: Database, pollMs = 60_000) {
  const connection = connectRedis({ url, onError: () => {} });
  const mirror = createRedisDecisionStore({ connection, prefix, onError: () => {}, now: () => now });
  const store: DecisionStore = database
    ? await createSqlDecisionStore(database, { logger, mirror, now: () => now, pollMs })
    : mirror;
  const end = async () => {
    try {
      await store.close?.();
    } finally {
      await connection.close();
    }
  };
  // One test takes the table away.
  onTestFinished(() => end().catch(() => {}));
  await mirror.ready;
  return { store, end };
}

async function empty(prefix: string): Promise<void> {
  const client = await createClient({ url }).connect();
  for await (const keys of client.scanIterator({ MATCH: `${prefix}:*` }))
    if (keys.length > 0) await client.del(keys);
  client.destroy();
}

const idsIn = (store: DecisionStore) =>
  store
    .list(now)
    .map(({ id }) => id)
    .sort();
const newPrefix = () => randomBytes(6).toString("hex");

describeDatabases("decisions in a database and in Redis", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("hold in the other process at once, and so do lifts", async () => {
    const [database, prefix] = [await databases.migrated(), newPrefix()];
    const one = await startProcess(prefix, database);
    const other = await startProcess(prefix, database);
    await one.store.add(block("d1"));
    await expect.poll(() => idsIn(other.store)).toEqual(["d1"]);
    expect(await other.store.remove("d1", now)).toEqual(block("d1"));
    await expect.poll(() => idsIn(one.store)).toEqual([]);
  });

  it("an emptied Redis gets them back from the database, with no process that still held them", async () => {
    const [database, prefix] = [await databases.migrated(), newPrefix()];
    const first = await startProcess(prefix, database);
    await first.store.add(block("d1"));
    await first.store.add(block("lifted", { value: "203.0.113.8" }));
    await first.store.remove("lifted", now);
    await first.end();
    await empty(prefix);
    const without = await startProcess(prefix);
    expect(idsIn(without.store)).toEqual([]);
    await startProcess(prefix, database);
    await expect.poll(() => idsIn(without.store)).toEqual(["d1"]);
  });

  it("a block that the database could not take holds in the other process, and is not acknowledged", async () => {
    const [database, prefix] = [await databases.migrated(), newPrefix()];
    const one = await startProcess(prefix, database);
    const other = await startProcess(prefix, await databases.migrated());
    await database.kysely.schema.dropTable("decision").execute();
    await expect(one.store.add(block("d1"))).rejects.toThrow();
    await expect.poll(() => idsIn(other.store)).toEqual(["d1"]);
  });
});
