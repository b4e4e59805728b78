// What the jobs delete and what they leave, and how much of it at a time.

import { uuidv7 } from "@fluxstudio/guard";
import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import type { DecisionTable } from "../database/tables.ts";
import { describeDatabases } from "../database/test-database.ts";
import { createUpkeepJob } from "../database/upkeep-job.ts";
import { createDecisionJob } from "../decisions/decision-job.ts";
import { createDeviceJob } from "../devices/device-job.ts";
import { startTestApp } from "../test-app.ts";
import { createTokenJob } from "../tokens/token-job.ts";
import { createSessionJob } from "./session-job.ts";
import { runJob } from "./test-jobs.ts";

const now = Date.UTC(2026, 10, 25, 12);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describeDatabases("clean-up", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  /** @returns the ids that are left */
  const left = async ({ kysely }: Database, table: string): Promise<string[]> =>
    (await sql<{ id: string }>`select id from ${sql.table(table)} order by id`.execute(kysely)).rows.map(
      ({ id }) => id,
    );

  it("of sessions and verifications takes those that were over a day ago", async () => {
    const { database, post } = await startTestApp({ databaseUrl: await databases.url() });
    const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    expect((await post("/api/auth/signup", ada, "203.0.113.7")).status).toBe(200);
    await post("/api/auth/request-password-reset", { email: ada.email }, "203.0.113.7");
    const job = createSessionJob({ database });
    const endOf = async (table: string) => {
      const { rows } = await sql<{ end: string | Date }>`
        select "expiresAt" as "end" from ${sql.table(table)}`.execute(database.kysely);
      return rows.map(({ end }) => Number(new Date(end)));
    };
    await expect.poll(() => endOf("verification")).toHaveLength(1);
    const [session = 0] = await endOf("session");
    const [link = 0] = await endOf("verification");
    expect((await runJob(job, { now: link + dayMs - 1 })).counts).toEqual({ sessions: 0, verifications: 0 });
    expect((await runJob(job, { now: link + dayMs, dryRun: true })).counts.verifications).toBe(1);
    expect((await runJob(job, { now: link + dayMs })).counts.verifications).toBe(1);
    expect(await endOf("session")).toHaveLength(1);
    expect((await runJob(job, { now: session + dayMs })).counts.sessions).toBe(1);
    expect([await endOf("session"), await endOf("verification")]).toEqual([[], []]);
  });

  it("of devices leaves each account its last one, however old", async () => {
    const database = await databases.migrated();
    const device = (id: string, userId: string, agoDays: number) => ({
      ...{ id, user_id: userId, name: "Firefox", created_at: 0, last_used_at: now - agoDays * dayMs },
      ...{ last_ip: "203.0.113.7", country: null, city: null, secret_hash: "x", previous_hash: null },
      ...{ rotated_at: 0, revoked_at: null },
    });
    await database.kysely
      .insertInto("device")
      .values([
        device("ada-new", "ada", 1),
        device("ada-old", "ada", 365),
        device("ada-older", "ada", 900),
        device("bob-last", "bob", 800),
        device("bob-before", "bob", 801),
        device("eve-year", "eve", 364),
      ])
      .execute();
    const job = createDeviceJob({ database, keptMs: 365 * dayMs });
    expect((await runJob(job, { now, dryRun: true })).counts).toEqual({ devices: 3 });
    expect(await left(database, "device")).toHaveLength(6);
    expect((await runJob(job, { now })).counts).toEqual({ devices: 3 });
    expect(await left(database, "device")).toEqual(["ada-new", "bob-last", "eve-year"]);
  });

  it("of decisions takes those that were over long ago, and none that is in force", async () => {
    const database = await databases.migrated();
    const made = (agoDays: number, rest: Partial<DecisionTable>): DecisionTable => ({
      ...{ id: uuidv7(now - agoDays * dayMs), action: "block", scope: "ip", value: "203.0.113.7" },
      ...{ origin: "rule", rule: "brute-force", reason: null, event_id: null, removed_at: null },
      ...{ created_at: now - agoDays * dayMs, stored_at: null, until: null, ...rest },
    });
    const kept = [
      made(400, { until: null, origin: "admin" }),
      made(400, { until: now - 89 * dayMs }),
      made(400, { removed_at: now - 89 * dayMs }),
      made(400, { until: now + 1 }),
      made(1, { until: now - hourMs }),
    ];
    const old = [made(91, { until: now - 90 * dayMs }), made(300, { removed_at: now - 200 * dayMs })];
    await database.kysely
      .insertInto("decision")
      .values([...kept, ...old])
      .execute();
    const job = createDecisionJob({ database, eventsMs: 90 * dayMs });
    expect((await runJob(job, { now })).counts).toEqual({ decisions: 2 });
    expect(await left(database, "decision")).toEqual(kept.map(({ id }) => id).sort());
    // Blocks of the last days make the next one longer, also where events are kept for a day.
    const short = createDecisionJob({ database, eventsMs: dayMs });
    await runJob(short, { now });
    expect(await left(database, "decision")).toContain(kept[4]?.id);
  });

  it("of 100,000 old rows takes 200 at a time, while others go on writing", async () => {
    const database = await databases.migrated();
    const { kysely } = database;
    const series =
      database.dialect === "sqlite"
        ? sql`with recursive n(n) as (select 1 union all select n + 1 from n where n < 100000)
            insert into refresh_family select 'old' || n, 's', 's', 0, 'h', 0, 0, null from n`
        : sql`insert into refresh_family
            select 'old' || n, 's', 's', 0, 'h', 0, 0, null from generate_series(1, 100000) as n`;
    await series.execute(kysely);
    const job = createTokenJob({ database });
    let isDone = false;
    const run = runJob(job, { now }).finally(() => {
      isDone = true;
    });
    const others: string[] = [];
    while (!isDone) {
      const id = `new${String(others.length).padStart(6, "0")}`;
      const row = { id, session_id: "s", salt: "s", generation: 0, hash: "h", created_at: now, used_at: now };
      await kysely
        .insertInto("refresh_family")
        .values({ ...row, ended_at: null })
        .execute();
      others.push(id);
      await new Promise(setImmediate);
    }
    const { counts, largest } = await run;
    expect(counts.families).toBe(100_000);
    expect(largest).toBeLessThanOrEqual(200);
    expect(others.length).toBeGreaterThan(20);
    expect(await left(database, "refresh_family")).toEqual(others);

    if (database.dialect === "postgres") return;
    const pages = async () =>
      (await sql<{ page_count: number }>`pragma page_count`.execute(kysely)).rows[0]?.page_count ?? 0;
    const before = await pages();
    const upkeep = createUpkeepJob({ database });
    const { counts: would } = await runJob(upkeep, { now, dryRun: true });
    expect(await pages()).toBe(before);
    const freed = await runJob(upkeep, { now });
    expect(freed.counts.pages).toBe(would.pages);
    expect(freed.largest).toBeLessThanOrEqual(256);
    expect(before - (await pages())).toBeGreaterThanOrEqual(freed.counts.pages ?? 0);
    expect(freed.counts.pages).toBeGreaterThan(1_000);
  });
});
