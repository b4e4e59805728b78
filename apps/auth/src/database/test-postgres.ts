// PostgreSQL databases for tests. Making one and its tables takes most of a second, so a test leaves its own to the next one.

import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, onTestFinished } from "vitest";

/** Tables that say what was migrated; the next test finds it done. */
const kept = ["flux_migration", "flux_migration_lock", "auth_schema"];

/** Call it where tests are declared: what is left is dropped after the last of them. */
export function createPostgresDatabases(server: string) {
  const clean: string[] = [];
  /** To those that were given back before: to connect takes longer than to empty them. */
  const cleaners = new Map<string, pg.Client>();
  /** What tables a database has that a test has left as it found it: of the first that had all. */
  let whole: string | undefined;

  const create = async (): Promise<string> => {
    const name = `flux_test_${randomBytes(6).toString("hex")}`;
    await onServer(server, (client) => client.query(`create database ${name}`));
    return name;
  };
  const drop = async (name: string): Promise<void> => {
    await cleaners.get(name)?.end();
    await onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  const urlOf = (name: string): string => {
    const url = new URL(server);
    url.pathname = name;
    return url.href;
  };

  async function openCleaner(name: string): Promise<pg.Client> {
    const cleaner = new pg.Client({ connectionString: urlOf(name) });
    cleaners.set(name, cleaner);
    // One that breaks while it has nothing to do says so when it is asked next.
    cleaner.on("error", () => {});
    await cleaner.connect();
    return cleaner;
  }

  /** Keeps it for the next test, unless its tables are not what they were. */
  async function giveBack(name: string): Promise<void> {
    const tables = await empty(cleaners.get(name) ?? (await openCleaner(name)));
    whole ??= tables;
    if (tables === whole) clean.push(name);
    else await drop(name);
  }

  afterAll(async () => {
    for (const name of clean) await drop(name);
  });

  return {
    async url() {
      const name = clean.pop() ?? (await create());
      onTestFinished(() => giveBack(name));
      return urlOf(name);
    },
    async emptyUrl() {
      const name = await create();
      onTestFinished(() => drop(name));
      return urlOf(name);
    },
  };
}

/**
 * Ends whoever is still connected, and empties all tables.
 * @returns the tables and how many columns each has, without the days of divided ones, which any test may add to
 */
async function empty(client: pg.Client): Promise<string> {
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  const { rows } = await client.query<{ name: string; columns: number }>(
    "select relname as name, relnatts as columns from pg_class where relnamespace = 'public'::regnamespace and not relispartition order by 1",
  );
  const { rows: tables } = await client.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename <> all($1)",
    [kept],
  );
  // Row by row: these tables hold little, and to truncate one makes the files of all its indexes anew, which takes fifty times as long.
  const rowByRow = tables.map(({ name }) => `delete from only ${name}`);
  // Without triggers, the order of foreign keys does not matter.
  await client.query(["set session_replication_role = replica", ...rowByRow].join("; "));
  await client.query(
    "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences where schemaname = 'public'",
  );
  return rows.map(({ name, columns }) => `${name} ${columns}`).join(", ");
}

async function onServer<Result>(url: string, run: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
