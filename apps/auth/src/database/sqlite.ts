// SQLite through the runtime's own `node:sqlite`, behind Kysely's SQLite dialect.

import { chmodSync, closeSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";
import { LRUCache } from "lru-cache";
import type { Database, DatabaseLock, OnQuery } from "./database.ts";
import { queryLog } from "./query-log.ts";
import type { Tables } from "./tables.ts";

/** How long one statement waits for another process that writes. */
const busyTimeoutMs = 5_000;
const retryMs = 20;
const maxPrepared = 200;
/** What a name stands for may change under the others: `select *` has the columns of the time when it was prepared. */
const isReusable = /^\s*(?:select|insert|update|delete)\b/i;

export async function openSqlite(path: string, onQuery?: OnQuery): Promise<Database> {
  if (path !== ":memory:") makePrivate(path);
  const sqlite = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  await useWriteAheadLog(sqlite);
  const dialect = new SqliteDialect({ database: forKysely(sqlite) });
  const kysely = new Kysely<Tables>({ dialect, ...queryLog(onQuery) });
  let closed = false;
  return {
    kysely,
    dialect: "sqlite",
    description: path === ":memory:" ? "SQLite in memory" : `SQLite file ${path}`,
    openLock: async (purpose) => (path === ":memory:" ? noLock : openFileLock(`${path}-${purpose}-lock`)),
    // No statement has a limit.
    openPatient: async () => ({ kysely, close: async () => {} }),
    async close() {
      if (closed) return;
      closed = true;
      await kysely.destroy();
      // Kysely closes only what it has used.
      if (sqlite.isOpen) sqlite.close();
    },
  };
}

interface Prepared {
  readonly statement: StatementSync;
  readonly reader: boolean;
}

/** Kysely asks for the interface of better-sqlite3: parameters in one array, and whether a statement returns rows. */
function forKysely(sqlite: DatabaseSync): SqliteDatabase {
  // Preparing takes as long as running: a statement is kept for the next time, unless it changes tables.
  const prepared = new LRUCache<string, Prepared>({ max: maxPrepared });
  function prepare(sql: string): Prepared {
    const known = prepared.get(sql);
    if (known) return known;
    // A transaction that reads first and then finds that another process has written fails for good; taking the
    // write lock at once makes it wait instead.
    const statement = sqlite.prepare(sql === "begin" ? "begin immediate" : sql);
    const one = { statement, reader: statement.columns().length > 0 };
    if (isReusable.test(sql)) prepared.set(sql, one);
    return one;
  }
  return {
    close: () => sqlite.close(),
    prepare(sql) {
      const { statement, reader } = prepare(sql);
      return {
        reader,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        // One that is being stepped through cannot be run by somebody else meanwhile.
        iterate: (parameters) => sqlite.prepare(sql).iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}

async function useWriteAheadLog(sqlite: DatabaseSync): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    try {
      // Of a new file only: the upkeep can then give back what deleted rows leave free, a little at a time.
      sqlite.exec("pragma auto_vacuum = incremental");
      // A commit in WAL with `normal` survives a crash of the process; only a power cut can take the last ones back.
      sqlite.exec("pragma journal_mode = wal; pragma synchronous = normal;");
      return;
    } catch (error) {
      // Turning a new file to WAL does not heed the busy timeout when another process does it at the same moment.
      if (!isBusy(error) || waitedMs >= busyTimeoutMs) throw error;
      await wait(retryMs);
    }
  }
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

/** SQLite gives its -wal and -shm files the mode of the database file, so this one decides for all. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  refuseForeign(path);
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** Somebody else's file keeps its mode and its content. https://www.sqlite.org/fileformat.html, section 1.2 */
function refuseForeign(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.size === 0) return;
  if (stats.isFile()) {
    const file = openSync(path, "r");
    const start = Buffer.alloc(16);
    readSync(file, start);
    closeSync(file);
    if (start.toString("latin1") === "SQLite format 3\0") return;
  }
  throw Object.assign(new Error(`${path} is no SQLite database`), { code: "NOT_A_DATABASE" });
}

/** A transaction on a file beside the database: the operating system ends it with the process. */
function openFileLock(path: string): DatabaseLock {
  makePrivate(path);
  const file = new DatabaseSync(path, { timeout: 0 });
  return {
    async tryAcquire() {
      try {
        file.exec("begin exclusive");
        return true;
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
    },
    // Processes on one file are on one machine, where they read their secret from one directory.
    agreesOn: async () => true,
    close: async () => file.close(),
  };
}

/** Nobody else can open a database in memory. */
const noLock: DatabaseLock = {
  tryAcquire: async () => true,
  agreesOn: async () => true,
  close: async () => {},
};
