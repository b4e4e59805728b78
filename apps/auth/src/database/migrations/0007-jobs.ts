// The jobs: when each is due, who is at it, and what came of it.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const jobs: Migration = { up };

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("job")
    .ifNotExists()
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("schedule", "text", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("run", "integer", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("lease_until", "bigint")
    .addColumn("running", "text")
    .addColumn("last", "text")
    .addColumn("last_dry_run", "text")
    .execute();
}
