// When a decision was stored, so that other processes find what is new.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const decisionStored: Migration = { up };

/** As in the first migration, each step can be repeated. */
async function up({ schema, introspection }: Kysely<unknown>): Promise<void> {
  const tables = await introspection.getTables();
  const decision = tables.find(({ name }) => name === "decision");
  if (!decision?.columns.some(({ name }) => name === "stored_at"))
    await schema.alterTable("decision").addColumn("stored_at", "bigint").execute();
  await schema
    .createIndex("decision_stored")
    .ifNotExists()
    .on("decision")
    .columns(["stored_at", "id"])
    .execute();
}
