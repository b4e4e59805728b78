// Brings the tables of a database up to date: forward only, by one process at a time.

import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { security } from "./migrations/0001-security.ts";
import { mail } from "./migrations/0002-mail.ts";
import { tokens } from "./migrations/0003-tokens.ts";
import { devices } from "./migrations/0004-devices.ts";
import { eventDays } from "./migrations/0005-event-days.ts";
import { decisionStored } from "./migrations/0006-decision-stored.ts";
import { jobs } from "./migrations/0007-jobs.ts";
import { alerts } from "./migrations/0008-alerts.ts";
import { authSchema } from "./migrations/0009-auth-schema.ts";

/** In the order of their names. One that was released is never changed: add another. */
const migrationsFor = (dialect: Database["dialect"]): Record<string, Migration> => ({
  "0001-security": security,
  "0002-mail": mail,
  "0003-tokens": tokens,
  "0004-devices": devices,
  "0005-event-days": dialect === "postgres" ? eventDays : nothing,
  "0006-decision-stored": decisionStored,
  "0007-jobs": jobs,
  "0008-alerts": alerts,
  "0009-auth-schema": authSchema,
});

const nothing: Migration = { up: async () => {} };

/** @throws the first failure; what was migrated before it stays, and the next start goes on from there */
export async function migrate(database: Database): Promise<void> {
  const migrations = migrationsFor(database.dialect);
  if (await isMigrated(database, Object.keys(migrations))) return;
  await withMigrationLock(database, async (kysely) => {
    const migrator = new Migrator({
      db: kysely,
      provider: { getMigrations: async () => migrations },
      migrationTableName: "flux_migration",
      migrationLockTableName: "flux_migration_lock",
    });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  });
}

/** Most starts find nothing to do, and see it by one question: without a lock, and without a look at every table. */
async function isMigrated({ kysely }: Database, names: readonly string[]): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from flux_migration order by name`.execute(
      kysely,
    );
    return rows.map(({ name }) => name).join() === names.join();
  } catch {
    // There is no such table before the first migration; whatever else is wrong comes up there again.
    return false;
  }
}
