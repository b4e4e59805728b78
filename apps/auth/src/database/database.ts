// The database: SQLite or PostgreSQL behind one Kysely.

import type { Kysely } from "kysely";
import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export interface Database {
  /** Times come and go as numbers on both engines. Shared with Better Auth: SQLite has one connection only. */
  readonly kysely: Kysely<Tables>;
  readonly dialect: "sqlite" | "postgres";
  /** Where the data is, without a password: for the log. */
  readonly description: string;
  /** One process at a time has it, until it closes it or ends in whatever way. */
  openLock(purpose: LockPurpose): Promise<DatabaseLock>;
  /** The same database for migrations, whose statements may take as long as they need. To be closed. */
  openPatient(): Promise<PatientDatabase>;
  close(): Promise<void>;
}

export interface PatientDatabase {
  readonly kysely: Kysely<Tables>;
  close(): Promise<void>;
}

/** `migration`: may change the tables. `server`: is the first that serves this database. */
export type LockPurpose = "migration" | "server";

export interface DatabaseLock {
  tryAcquire(): Promise<boolean>;
  /**
   * Shows a number to everybody who has opened a lock of this database, until this one is closed. False when somebody shows
   * another number; of two that show different ones at once each may be told so. On SQLite it is always true.
   */
  agreesOn(mark: number): Promise<boolean>;
  /** Releases it. */
  close(): Promise<void>;
}

/** Told of each statement that has ended, without its parameters. */
export type OnQuery = (sql: string, durationMs: number) => void;

/** A sign-in needs a few short queries, so a few connections serve many people. */
export const defaultPoolSize = 10;

/**
 * @param url `sqlite:PATH` (made when missing, readable by its owner only), `:memory:`, or `postgres://…`
 * @throws Error when the file cannot be opened; a PostgreSQL that does not answer shows at the first query
 * @param poolSize how many connections to PostgreSQL the queries share, beside one for each open lock
 */
export async function openDatabase(
  url: string,
  poolSize = defaultPoolSize,
  onQuery?: OnQuery,
): Promise<Database> {
  if (url === ":memory:") return openSqlite(url, onQuery);
  return url.startsWith("sqlite:")
    ? openSqlite(url.slice("sqlite:".length), onQuery)
    : openPostgres(url, { poolSize, ...(onQuery && { onQuery }) });
}
