// Processes that start on one empty database: at the same time, and after one that was killed while it made the tables.

import { type Kysely, sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { startTestApp } from "../test-app.ts";
import { startProcess, type TestProcess } from "../test-process.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { openPostgres } from "./postgres.ts";
import type { Tables } from "./tables.ts";
import { describePostgres } from "./test-database.ts";

/** Everything but what a day's events are in. */
async function schemaOf(kysely: Kysely<Tables>) {
  const { rows } = await sql<{ line: string }>`
    select line from (
      select table_name as name, concat_ws(' ', table_name, column_name, data_type, is_nullable) as line
        from information_schema.columns where table_schema = 'public'
      union all select tablename, indexdef from pg_indexes where schemaname = 'public'
      union all select conrelid::regclass::text, concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace
    ) as lines where name !~ '_[0-9]{8}$' order by line`.execute(kysely);
  return rows.map(({ line }) => line);
}

/** Which processes wait for what this backend of PostgreSQL is making; for each other they wait as well, for a moment. */
async function blockedBy(backend: number, kysely: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select application_name as name from pg_stat_activity
    where datname = current_database() and ${backend} = any(pg_blocking_pids(pid))`.execute(kysely);
  return rows.map(({ name }) => name);
}

/** Which processes have asked whether it is their turn to make something. */
async function asking(kysely: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct application_name as name from pg_stat_activity
    where datname = current_database() and query like 'select pg_try_advisory_lock%' order by name`.execute(
    kysely,
  );
  return rows.map(({ name }) => name);
}

const person = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

describePostgres("starts on one database", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("at the same time: each becomes ready, and knows whoever signed up at the other", async () => {
    const url = await databases.emptyUrl();
    const [one, other] = [startProcess({ DATABASE_URL: url }), startProcess({ DATABASE_URL: url })];
    await Promise.all([one.ready, other.ready]);
    const states = await Promise.all([one, other].map(async ({ ask }) => (await ask("/readyz")).status));
    expect(states).toEqual([200, 200]);
    expect((await one.post("/api/auth/signup", person)).status).toBe(200);
    expect((await other.post("/api/auth/login", person)).status).toBe(200);
    const stranger = startProcess({ DATABASE_URL: url, FLUX_SECRET: "w7Hn2xUe0aVb5kTqRj8sYc3mDf6gZp1L" });
    await expect(stranger.ready).rejects.toThrow(/FLUX_SECRET: another flux-auth, which serves PostgreSQL/);
    const { kysely } = await databases.open(url);
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from flux_migration group by name having count(*) > 1`.execute(kysely);
    expect(rows).toEqual([]);
    expect(await Promise.all([one.end(), other.end()])).toEqual([0, 0]);
  });

  it("give a migration more time than a request", async () => {
    const database = await openPostgres(await databases.emptyUrl(), { poolSize: 1, answerTimeoutMs: 100 });
    onTestFinished(() => database.close());
    const long = sql`select pg_sleep(0.3)`;
    await expect(long.execute(database.kysely)).rejects.toThrow("Query read timeout");
    await withMigrationLock(database, (kysely) => long.execute(kysely));
  });

  // The last thing that each of the steps makes: our migrations, Better Auth's tables, and the indexes on them.
  it.each(["refresh_family", "twoFactor", "verification_identifier_idx"])(
    "after one was killed over %s: the one that waited finishes, and nothing is missing",
    async (name) => {
      const url = await databases.emptyUrl();
      const operator = await databases.open(url);
      // Whoever makes something of the same name waits until this is decided.
      const blocking = await operator.kysely.startTransaction().execute();
      onTestFinished(async () => {
        if (!blocking.isRolledBack) await blocking.rollback().execute();
      });
      await sql`create table ${sql.table(name)} (held integer)`.execute(blocking);
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(blocking);
      const blocked = () => blockedBy(rows[0]?.pid ?? 0, operator.kysely);
      const processes = new Map(
        ["one", "other"].map((called) => [
          called,
          startProcess({ DATABASE_URL: `${url}?application_name=${called}` }),
        ]),
      );
      await expect.poll(blocked).toHaveLength(1);
      await expect.poll(() => asking(operator.kysely)).toEqual(["one", "other"]);
      const [makes = ""] = await blocked();
      const killed = processes.get(makes) as TestProcess;
      const next = processes.get(makes === "one" ? "other" : "one") as TestProcess;
      await killed.kill();
      await blocking.rollback().execute();
      await next.ready;
      expect(killed.log()).not.toContain("listens");
      const undisturbed = await startTestApp({ databaseUrl: await databases.emptyUrl() });
      expect(await schemaOf(operator.kysely)).toEqual(await schemaOf(undisturbed.database.kysely));
      expect((await next.post("/api/auth/signup", person)).status).toBe(200);
      expect(await next.end()).toBe(0);
    },
  );
});
