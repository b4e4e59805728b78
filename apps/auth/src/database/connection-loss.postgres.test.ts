// A PostgreSQL that goes away: whoever was asking is told so, and whoever comes after is served again.

import { type Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import { startProcess } from "../test-process.ts";
import { describePostgres } from "./test-database.ts";
import { isUnavailable } from "./unavailable.ts";

/** Ends the other connections to this database, as a restart or a failover does. @returns how many */
async function endOthers(kysely: Kysely<never>, state = "%"): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(pg_terminate_backend(pid)) as n from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state like ${state}`.execute(kysely);
  return rows[0]?.n ?? 0;
}

const ask = (kysely: Kysely<never>) => sql`select 1`.execute(kysely);

describePostgres("a lost connection", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("that was in use and had nothing to do fails its next question, and the next connection is good", async () => {
    const url = await databases.emptyUrl();
    const [database, operator] = [await databases.open(url), await databases.open(url)];
    const failed = database.kysely.connection().execute(async (held) => {
      await ask(held as never);
      expect(await endOthers(operator.kysely as never)).toBe(1);
      for (let question = 0; question < 1_000; question++) await ask(held as never);
    });
    expect(isUnavailable(await failed.catch((error: unknown) => error))).toBe(true);
    await ask(database.kysely as never);
  });

  it("in a transaction leaves nothing of it", async () => {
    const url = await databases.emptyUrl();
    const [database, operator] = [await databases.open(url), await databases.migratedAt(url)];
    const { kysely } = database;
    const row = { id: "1", name: "n", hash: "h", created_at: 1, last_used_at: null, expires_at: null };
    const failed = kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto("operator_token").values(row).execute();
      expect(await endOthers(operator.kysely as never)).toBeGreaterThan(0);
    });
    expect(isUnavailable(await failed.catch((error: unknown) => error))).toBe(true);
    expect(await kysely.selectFrom("operator_token").selectAll().execute()).toEqual([]);
  });

  it("costs a server the requests that were using it, and nothing else", async () => {
    const url = await databases.emptyUrl();
    const operator = await databases.open(url);
    const server = startProcess({ DATABASE_URL: url });
    await server.ready;
    const signUp = (name: string) =>
      server.post("/api/auth/signup", {
        name,
        email: `${name}@example.com`,
        password: "correct horse battery",
      });
    let count = 0;
    let stop = false;
    const statuses = new Map<number, number>();
    const people = Array.from({ length: 4 }, async () => {
      while (!stop) {
        const { status } = await signUp(`person${count++}`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    for (let round = 0; round < 5; round++) {
      // A sign-up hashes a password in its transaction, so that some connection is found waiting for its next question.
      await expect.poll(() => endOthers(operator.kysely as never, "idle in transaction")).toBeGreaterThan(0);
      await endOthers(operator.kysely as never);
    }
    stop = true;
    await Promise.all(people);
    const last = await signUp("last");
    expect({ status: last.status, ended: await server.end() }).toEqual({ status: 200, ended: 0 });
    expect([...statuses.keys()].filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect(statuses.get(503)).toBeGreaterThan(0);
  });
});
