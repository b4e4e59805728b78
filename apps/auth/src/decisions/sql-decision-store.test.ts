// Decisions are in force at once, survive a restart, and stay removed.

import { type Decision, type DecisionStore, isActive, offenceMemoryMs } from "@fluxstudio/guard";
import { decisionStoreConformance, conformanceTime as now } from "@fluxstudio/guard/testing";
import { createLogger } from "@fluxstudio/telemetry";
import { expect, it, onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { createSqlDecisionStore, type SqlDecisionStoreOptions } from "./sql-decision-store.ts";

const hour = 60 * 60_000;
const logger = createLogger({ level: "info", stream: { write() {} } });

function block(id: string, changes: Partial<Decision> = {}): Decision {
  return {
    id,
    action: "block",
    scope: "ip",
    value: "203.0.113.7",
    origin: "rule",
    createdAt: now,
    until: now + hour,
    rule: "brute-force",
    eventId: "e1",
    ...changes,
  };
}

/** Closed after the test. */
async function open(
  database: Database,
  options: Omit<SqlDecisionStoreOptions, "logger">,
): Promise<DecisionStore> {
  const store = await createSqlDecisionStore(database, { logger, ...options });
  // Some tests break the database, or close it themselves.
  onTestFinished(() => store.close?.().catch(() => {}));
  return store;
}

/** While it is broken, every write fails as it does on a database that has lost its disk or is being restored. */
async function broken(database: Database): Promise<() => Promise<void>> {
  await database.kysely.schema.alterTable("decision").renameTo("decision_away").execute();
  return () => database.kysely.schema.alterTable("decision_away").renameTo("decision").execute();
}

describeDatabases("the decision store", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  decisionStoreConformance({
    it,
    create: async (maxDecisions) => open(await databases.migrated(), { now: () => now, maxDecisions }),
  });

  it("another process has what one has decided, and lifted, after its next look", async () => {
    const database = await databases.migrated();
    const [one, other] = [
      await open(database, { now: () => now, pollMs: 5 }),
      // Half a minute behind.
      await open(database, { now: () => now - 30_000, pollMs: 5 }),
    ];
    await one.add(block("d1"));
    await other.add(block("d2", { value: "203.0.113.8" }));
    for (const store of [one, other])
      await expect
        .poll(() =>
          store
            .list(now)
            .map(({ id }) => id)
            .sort(),
        )
        .toEqual(["d1", "d2"]);
    await one.remove("d2", now);
    await expect.poll(() => other.list(now)).toEqual([block("d1")]);
    await other.remove("d1", now - 30_000);
    await expect.poll(() => one.list(now)).toEqual([]);
    expect(one.offences("ip", "203.0.113.7", now)).toBe(0);
  });

  it("a decision that could be stored an hour late only is found by when it was stored", async () => {
    const database = await databases.migrated();
    let time = now;
    const reader = await open(database, { now: () => time, pollMs: 5 });
    const writer = await open(database, { now: () => time, pollMs: 60_000, retryMs: 5 });
    const mend = await broken(database);
    await expect(writer.add(block("d1", { until: now + 24 * hour }))).rejects.toThrow();
    time += hour;
    await mend();
    await expect.poll(() => reader.list(time).map(({ id }) => id)).toEqual(["d1"]);
  });

  it("finds a block at once, and after a restart exactly as it was", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    const kept = store.add(block("d1"));
    expect(store.find("ip", "203.0.113.7", now)).toEqual(block("d1"));
    await kept;
    const restarted = await open(database, { now: () => now + 1 });
    expect(restarted.find("ip", "203.0.113.7", now + 1)).toEqual(block("d1"));
    expect(restarted.find("ip", "203.0.113.7", now + hour)).toBeUndefined();
  });

  it("finds a decision without an end, and an admin's prefix, after a restart", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    const prefix: Decision = {
      id: "p1",
      action: "allow",
      scope: "ip-prefix",
      value: "203.0.113.0/24",
      origin: "admin",
      createdAt: now,
      until: null,
      reason: "the office",
    };
    await store.add(prefix);
    const restarted = await open(database, { now: () => now + 1000 * hour });
    expect(restarted.findPrefix("203.0.113.9", now + 1000 * hour)).toEqual(prefix);
  });

  it("does not bring a removed decision back with a restart, nor count it as an offence", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    await store.add(block("d1"));
    expect(store.offences("ip", "203.0.113.7", now)).toBe(1);
    expect(await store.remove("d1", now + 1)).toEqual(block("d1"));
    expect(await store.remove("d1", now + 2)).toBeUndefined();
    expect(store.find("ip", "203.0.113.7", now + 2)).toBeUndefined();
    const restarted = await open(database, { now: () => now + 3 });
    expect(restarted.list(now + 3)).toEqual([]);
    expect(restarted.offences("ip", "203.0.113.7", now + 3)).toBe(0);
  });

  it("remembers offences over a restart for as long as they count", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    await store.add(block("d1", { createdAt: now - 2 * hour, until: now - hour }));
    await store.add(block("d2"));
    const later = now + 2 * hour;
    const restarted = await open(database, { now: () => later });
    expect(restarted.list(later)).toEqual([]);
    expect(restarted.offences("ip", "203.0.113.7", later)).toBe(2);
    const muchLater = now + hour + offenceMemoryMs;
    const restartedLater = await open(database, { now: () => muchLater });
    expect(restartedLater.offences("ip", "203.0.113.7", muchLater)).toBe(0);
  });

  it("removes a decision that is in the database only", async () => {
    const database = await databases.migrated();
    const early = await open(database, { now: () => now });
    const other = await open(database, { now: () => now });
    await other.add(block("d1"));
    expect(await early.remove("d1", now)).toEqual(block("d1"));
    expect(await early.remove("no such", now)).toBeUndefined();
  });

  it("loads, up to its bound, what rules and feeds decided and ends last, and all that admins took", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    const lasting = (hours: number | null, changes: Partial<Decision> = {}) => {
      const until = hours === null ? null : now + hours * hour;
      const id = `${changes.origin}${hours}`;
      return store.add(block(id, { value: id, createdAt: now - (hours ?? 0), until, ...changes }));
    };
    await lasting(1, { origin: "admin" });
    for (const origin of ["rule", "feed"] as const) {
      for (const hours of [2, 5, 3, 4]) await lasting(hours, { origin });
    }
    await lasting(null, { origin: "feed" });
    const small = await open(database, { now: () => now + 20, maxDecisions: 2 });
    const loaded = small.list(now + 20).map(({ id }) => id);
    expect(loaded.sort()).toEqual(["admin1", "feed5", "feednull", "rule4", "rule5"]);
  });

  it("keeps a block in force when the database fails, and says that it was not kept", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    await database.close();
    await expect(store.add(block("d1"))).rejects.toThrow();
    expect(isActive(store.find("ip", "203.0.113.7", now) as Decision, now)).toBe(true);
    await expect(store.remove("d1", now)).rejects.toThrow();
    expect(store.find("ip", "203.0.113.7", now)).toBeDefined();
  });

  it("writes what the database did not take as soon as it does, and a restart finds it", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now, retryMs: 5 });
    const mend = await broken(database);
    for (const id of ["d1", "d2"]) await expect(store.add(block(id))).rejects.toThrow();
    await mend();
    const stored = () => database.kysely.selectFrom("decision").select("id").orderBy("id").execute();
    await expect.poll(stored).toEqual([{ id: "d1" }, { id: "d2" }]);
    const restarted = await open(database, { now: () => now + 1 });
    expect(restarted.find("ip", "203.0.113.7", now + 1)).toEqual(block("d1"));
  });

  it("writes what is still waiting when it is closed", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now, retryMs: 60_000 });
    const mend = await broken(database);
    await expect(store.add(block("d1"))).rejects.toThrow();
    await mend();
    await store.close?.();
    const restarted = await open(database, { now: () => now + 1 });
    expect(restarted.list(now + 1)).toEqual([block("d1")]);
  });

  it("does not write later what was lifted while it waited", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now, retryMs: 60_000 });
    const mend = await broken(database);
    await expect(store.add(block("d1"))).rejects.toThrow();
    await expect(store.remove("d1", now)).rejects.toThrow();
    await mend();
    expect(await store.remove("d1", now)).toEqual(block("d1"));
    await store.close?.();
    const restarted = await open(database, { now: () => now + 1 });
    expect(restarted.list(now + 1)).toEqual([]);
  });

  it("takes values with quotes, newlines and NUL", async () => {
    const database = await databases.migrated();
    const store = await open(database, { now: () => now });
    await store.add(block("d1", { scope: "device", value: "'; drop table decision; --\n\0" }));
    const restarted = await open(database, { now: () => now });
    expect(restarted.list(now)).toHaveLength(1);
  });
});
