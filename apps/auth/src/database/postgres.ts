// PostgreSQL through a bounded pool of `pg`, behind Kysely's PostgreSQL dialect.

import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import type { Database, DatabaseLock, LockPurpose } from "./database.ts";
import type { Tables } from "./tables.ts";

/** A sign-in needs a few short queries, so a few connections serve many people; PostgreSQL admits about 100 in all. */
const maxConnections = 10;
const connectTimeoutMs = 5_000;
const statementTimeoutMs = 10_000;
/** "flux" and the lock's number, so that it is not taken for one of another program on the same database. */
const lockIds: Record<LockPurpose, bigint> = { migration: 0x666c_7578_0001n, server: 0x666c_7578_0002n };

/** Loads `pg`, which a server on SQLite does without. */
export async function openPostgres(url: string): Promise<Database> {
  const { Client, Pool, types } = await import("pg");
  const pool = new Pool({
    connectionString: url,
    types: withExactNumbers(types),
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server's own limit does not help against a server that no longer answers.
    query_timeout: statementTimeoutMs + 1_000,
    application_name: "flux-auth",
  });
  // A connection that breaks fails what it is asked then or next, and is replaced; that reports what is wrong. Without a
  // listener the process would end here: the pool has one on those that are idle only.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const { hostname, pathname } = new URL(url);
  let closed = false;
  return {
    kysely,
    dialect: "postgres",
    description: `PostgreSQL ${hostname}${pathname}`,
    openLock: (purpose) =>
      openAdvisoryLock(
        new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs }),
        purpose,
      ),
    async close() {
      if (closed) return;
      closed = true;
      await kysely.destroy();
      if (!pool.ended) await pool.end();
    },
  };
}

/** `bigint` columns hold milliseconds and counts, which a number holds exactly; pg would hand them over as text. */
function withExactNumbers(types: typeof pg.types): pg.CustomTypesConfig {
  return {
    getTypeParser: ((oid: number, format?: "text" | "binary") =>
      oid === types.builtins.INT8
        ? Number
        : types.getTypeParser(oid, format)) as pg.CustomTypesConfig["getTypeParser"],
  };
}

/** A connection of its own, as the lock belongs to a connection, and ends with it. */
async function openAdvisoryLock(client: pg.Client, purpose: LockPurpose): Promise<DatabaseLock> {
  client.on("error", () => {});
  await client.connect();
  return {
    async tryAcquire() {
      const { rows } = await client.query("select pg_try_advisory_lock($1) as acquired", [lockIds[purpose]]);
      return rows[0].acquired === true;
    },
    close: () => client.end(),
  };
}
