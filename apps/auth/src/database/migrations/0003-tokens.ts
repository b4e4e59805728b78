// Signing keys and families of refresh tokens.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const tokens: Migration = { up };

/** As in the first migration, each step can be repeated. */
async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("signing_key")
    .ifNotExists()
    .addColumn("number", "integer", (column) => column.primaryKey().notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("refresh_family")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("session_id", "text", (column) => column.notNull())
    .addColumn("salt", "text", (column) => column.notNull())
    .addColumn("generation", "integer", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .execute();
  for (const { name, columns } of indexes) {
    await schema.createIndex(name).ifNotExists().on("refresh_family").columns(columns).execute();
  }
}

const indexes = [
  { name: "refresh_family_session", columns: ["session_id"] },
  { name: "refresh_family_used", columns: ["used_at"] },
];
