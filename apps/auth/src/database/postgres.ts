// PostgreSQL through a bounded pool of `pg`, behind Kysely's PostgreSQL dialect.

import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from "kysely";
import type pg from "pg";
import type { Database, OnQuery, PatientDatabase } from "./database.ts";
import { openAdvisoryLock } from "./postgres-lock.ts";
import { queryLog } from "./query-log.ts";
import type { Tables } from "./tables.ts";
import { isUnavailable } from "./unavailable.ts";

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 10_000;
/** Of a process that stands still in the middle of a transaction, whose locks everybody else waits for. */
const pauseTimeoutMs = 30_000;
/** How long a migration waits for a table that others use: whoever comes after it waits, too. */
const migrationLockTimeoutMs = 30_000;

export interface PostgresOptions {
  /** How many connections the queries share. */
  readonly poolSize: number;
  /** The server's own limit does not help against a server that no longer answers. @default 11_000 */
  readonly answerTimeoutMs?: number;
  readonly onQuery?: OnQuery;
}

/** Loads `pg`, which a server on SQLite does without. */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Database> {
  const { poolSize, answerTimeoutMs = statementTimeoutMs + 1_000 } = options;
  const { Client, Pool, types } = await import("pg");
  const open = (limits: Limits, more: pg.PoolConfig): PatientDatabase =>
    openPool(
      new Pool({
        connectionString: url,
        types: withExactNumbers(types),
        connectionTimeoutMillis: connectTimeoutMs,
        keepAlive: true,
        application_name: "flux-auth",
        onConnect: limitedBy(limits),
        ...more,
      }),
      options.onQuery,
    );
  const { kysely, close } = open(
    { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: pauseTimeoutMs },
    { max: poolSize, query_timeout: answerTimeoutMs },
  );
  const { hostname, pathname } = new URL(url);
  return {
    ...{ kysely, close },
    dialect: "postgres",
    description: `PostgreSQL ${hostname}${pathname}`,
    openLock: (purpose) =>
      openAdvisoryLock(
        () =>
          new Client({
            connectionString: url,
            connectionTimeoutMillis: connectTimeoutMs,
            query_timeout: answerTimeoutMs,
            // It has nothing to say for days.
            keepAlive: true,
            application_name: "flux-auth lock",
          }),
        purpose,
      ),
    openPatient: async () => open({ lock_timeout: migrationLockTimeoutMs }, { max: 1 }),
  };
}

/** Settings of a session, in milliseconds. */
interface Limits {
  readonly [name: `${string}_timeout`]: number;
}

/** Said on each new connection, and not with its first message: PgBouncer refuses what it does not know there. */
const limitedBy = (limits: Limits) => async (client: pg.ClientBase) => {
  const settings = Object.entries(limits).map(([name, limitMs]) => `set ${name} = ${limitMs}`);
  const question: pg.QueryConfig & { query_timeout: number } = {
    text: settings.join("; "),
    query_timeout: connectTimeoutMs,
  };
  await client.query(question);
};

function openPool(pool: pg.Pool, onQuery: OnQuery | undefined): PatientDatabase {
  // A connection that breaks fails what it is asked then or next, and is replaced; that reports what is wrong. Without a
  // listener the process would end here: the pool has one on those that are idle only.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const dialect = new PostgresDialect({ pool: withoutBroken(pool) });
  const kysely = new Kysely<Tables>({ dialect, ...queryLog(onQuery) });
  let closed = false;
  return {
    kysely,
    async close() {
      if (closed) return;
      closed = true;
      await kysely.destroy();
      // Kysely closes only what it has used.
      if (!pool.ended) await pool.end();
    },
  };
}

/**
 * A connection on which no answer came in time, or that PostgreSQL has ended, is closed, and asked nothing more: a transaction on it
 * is not to wait for the end of itself, too. `pg` would hand it to the next request, which would fail as well, or wait as long,
 * and so would everybody until the system gives the connection up: a quarter of an hour, when the other end has vanished without a
 * word.
 */
function withoutBroken(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client: PostgresPoolClient = await pool.connect();
      let broken: unknown;
      /** Kysely asks with a text; a cursor would be for streams, which nobody here reads. */
      async function query<Row>(
        text: string,
        parameters: readonly unknown[],
      ): Promise<PostgresQueryResult<Row>> {
        if (broken !== undefined) throw broken;
        try {
          return await client.query<Row>(text, parameters);
        } catch (error) {
          if (isUnavailable(error)) broken = error;
          throw error;
        }
      }
      return {
        query: query as typeof query & PostgresPoolClient["query"],
        release: (destroy) => client.release(broken !== undefined || destroy),
      };
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
