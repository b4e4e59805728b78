// Which schema of Better Auth's the tables beside these were last brought to.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const authSchema: Migration = { up };

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("auth_schema")
    .ifNotExists()
    .addColumn("fingerprint", "text", (column) => column.primaryKey().notNull())
    .execute();
}
