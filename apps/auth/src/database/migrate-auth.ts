// Brings Better Auth's tables up to date, wholly or not at all; several processes may start at once.

import { createHash } from "node:crypto";
import { getBetterAuthVersion } from "@better-auth/core/context";
import type { BetterAuthOptions } from "better-auth";
import { getAuthTables } from "better-auth/db";
import { describeTwins } from "../accounts/unique-rows.ts";
import type { Database } from "./database.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { isTaken } from "./taken.ts";

/**
 * Most starts find nothing to do, and see it by one question: to look at every table takes PostgreSQL a tenth of a second.
 * @throws Error that names the rows, when some are twins that an index forbids
 */
export async function migrateAuth(options: BetterAuthOptions, database: Database): Promise<void> {
  const fingerprint = fingerprintOf(options);
  const applied = await database.kysely.selectFrom("auth_schema").select("fingerprint").execute();
  if (applied.some((row) => row.fingerprint === fingerprint)) return;
  const { getMigrations } = await import("better-auth/db/migration");
  await withMigrationLock(database, async (kysely) => {
    // Better Auth makes indexes after all tables, and those of a table that is there already never: a process that died
    // between the two would leave them out for ever.
    const migration = kysely.transaction().execute(async (transaction) => {
      const { runMigrations } = await getMigrations({
        ...options,
        database: { db: transaction, type: database.dialect },
      });
      await runMigrations();
      await transaction.deleteFrom("auth_schema").execute();
      await transaction.insertInto("auth_schema").values({ fingerprint }).execute();
    });
    await migration.catch(async (error: unknown) => {
      const twins = isTaken(error) ? await describeTwins(database) : undefined;
      throw twins === undefined ? error : new Error(twins, { cause: error });
    });
  });
}

/** Another one when a table, a column or an index may be another: by a setting, a plugin, or a release of Better Auth. */
function fingerprintOf(options: BetterAuthOptions): string {
  const schema = JSON.stringify([getBetterAuthVersion(), getAuthTables(options)]);
  return createHash("sha256").update(schema).digest("base64url");
}
