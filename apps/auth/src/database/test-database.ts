// Databases for tests: a clean one of each engine, gone or clean again after the test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";
import { createPostgresDatabases } from "./test-postgres.ts";

export interface TestDatabases {
  /** A database that nobody else uses and that holds nothing; its tables, and a connection of whoever emptied it, may be there already. */
  url(): Promise<string>;
  /** A fresh one without any tables and connections. */
  emptyUrl(): Promise<string>;
  /** Opens it, closed after the test. */
  open(url: string): Promise<Database>;
  /** A fresh database with all tables. */
  migrated(): Promise<Database>;
  /** The one at this address, with all tables. */
  migratedAt(url: string): Promise<Database>;
}

/**
 * Declares the suite twice, for SQLite and for PostgreSQL.
 * @param server `process.env.FLUX_TEST_POSTGRES_URL`; without it the PostgreSQL half is skipped
 */
export function describeDatabases(
  subject: string,
  server: string | undefined,
  suite: (databases: TestDatabases) => void,
): void {
  describe(`${subject}, SQLite`, () => suite(testDatabases({ url: sqliteUrl, emptyUrl: sqliteUrl })));
  describePostgres(subject, server, suite);
}

/** Declares a suite that is about PostgreSQL alone. */
export function describePostgres(
  subject: string,
  server: string | undefined,
  suite: (databases: TestDatabases) => void,
): void {
  if (!server)
    console.info(`${subject}: skipped on PostgreSQL; FLUX_TEST_POSTGRES_URL is not set, npm test sets it`);
  describe.skipIf(!server)(`${subject}, PostgreSQL`, () =>
    suite(testDatabases(createPostgresDatabases(server ?? ""))),
  );
}

function testDatabases({ url, emptyUrl }: Pick<TestDatabases, "url" | "emptyUrl">): TestDatabases {
  async function open(address: string): Promise<Database> {
    const database = await openDatabase(address);
    onTestFinished(() => database.close());
    return database;
  }
  async function migratedAt(address: string): Promise<Database> {
    const database = await open(address);
    await migrate(database);
    return database;
  }
  return {
    url,
    emptyUrl,
    open,
    migrated: async () => migratedAt(await url()),
    migratedAt,
  };
}

async function sqliteUrl(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "flux-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return `sqlite:${join(directory, "flux.db")}`;
}
