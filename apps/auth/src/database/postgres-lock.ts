// Advisory locks of PostgreSQL: each on a connection of its own, as it belongs to a connection, and ends with it.

import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import type { DatabaseLock, LockPurpose } from "./database.ts";

/** "flux", so that it is not taken for a lock of another program on the same database. */
const markClass = 0x666c_7578;
/** "flux" and the lock's number. */
const lockIds: Record<LockPurpose, bigint> = { migration: 0x666c_7578_0001n, server: 0x666c_7578_0002n };
const retryMs = 1_000;

export async function openAdvisoryLock(
  createClient: () => pg.Client,
  purpose: LockPurpose,
): Promise<DatabaseLock> {
  let client = await connect(createClient);
  let closed = false;

  /** What was shown is gone with the connection, as after a restart of PostgreSQL. */
  async function showAgain(mark: number): Promise<void> {
    while (!closed) {
      await wait(retryMs, undefined, { ref: false });
      const next = await connect(createClient).catch(() => undefined);
      if (next === undefined) continue;
      client = next;
      if (closed) await client.end();
      else await keepShowing(mark).catch(() => client.end());
    }
  }

  async function keepShowing(mark: number): Promise<void> {
    const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
    await show(client, mark);
    await ended;
  }

  return {
    async tryAcquire() {
      const { rows } = await client.query("select pg_try_advisory_lock($1) as acquired", [lockIds[purpose]]);
      return rows[0].acquired === true;
    },
    async agreesOn(mark) {
      // First shown, then looked: of two at once at least one sees the other.
      await show(client, mark);
      const agrees = await isAlone(client);
      client.once("end", () => void showAgain(mark));
      return agrees;
    },
    async close() {
      closed = true;
      await client.end();
    },
  };
}

async function connect(createClient: () => pg.Client): Promise<pg.Client> {
  const client = createClient();
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function show(client: pg.Client, mark: number): Promise<void> {
  await client.query("select pg_advisory_lock_shared($1, $2)", [markClass, mark]);
}

/** Whether nobody shows another mark in this database. */
async function isAlone(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_locks join pg_database on pg_database.oid = database
      where datname = current_database() and locktype = 'advisory' and objsubid = 2 and granted
        and classid = $1 and objid <> (select objid from pg_locks
          where pid = pg_backend_pid() and locktype = 'advisory' and objsubid = 2 and classid = $1)`,
    [markClass],
  );
  return rows.length === 0;
}
