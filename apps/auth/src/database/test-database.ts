// Databases for tests: a fresh one of each engine, gone after the test.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, onTestFinished } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";

export interface TestDatabases {
  /** A fresh, empty database. */
  url(): Promise<string>;
  /** Opens it, closed after the test. */
  open(url: string): Promise<Database>;
  /** A fresh database with all tables. */
  migrated(): Promise<Database>;
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
  describe(`${subject}, SQLite`, () => suite(testDatabases(sqliteUrl)));
  if (!server)
    console.info(`${subject}: skipped on PostgreSQL; FLUX_TEST_POSTGRES_URL is not set, npm test sets it`);
  describe.skipIf(!server)(`${subject}, PostgreSQL`, () =>
    suite(testDatabases(() => postgresUrl(server ?? ""))),
  );
}

function testDatabases(url: () => Promise<string>): TestDatabases {
  async function open(address: string): Promise<Database> {
    const database = await openDatabase(address);
    onTestFinished(() => database.close());
    return database;
  }
  return {
    url,
    open,
    async migrated() {
      const database = await open(await url());
      await migrate(database);
      return database;
    },
  };
}

async function sqliteUrl(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "flux-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return `sqlite:${join(directory, "flux.db")}`;
}

async function postgresUrl(server: string): Promise<string> {
  const name = `flux_test_${randomBytes(6).toString("hex")}`;
  await onServer(server, `create database ${name}`);
  onTestFinished(() => onServer(server, `drop database if exists ${name} with (force)`));
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}
