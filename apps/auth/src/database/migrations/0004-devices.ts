// The devices of accounts.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const devices: Migration = { up };

/** As in the first migration, each step can be repeated. */
async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("device")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    // Better Auth makes its table of users later, so there is nothing to refer to yet.
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint", (column) => column.notNull())
    .addColumn("last_ip", "text", (column) => column.notNull())
    .addColumn("country", "text")
    .addColumn("city", "text")
    .addColumn("secret_hash", "text", (column) => column.notNull())
    .addColumn("previous_hash", "text")
    .addColumn("rotated_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .execute();
  await schema
    .createIndex("device_user")
    .ifNotExists()
    .on("device")
    .columns(["user_id", "last_used_at"])
    .execute();
}
