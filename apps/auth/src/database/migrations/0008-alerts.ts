// Incidents, the alerts about them, and their deliveries.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const alerts: Migration = { up };

/** As in the first migration, each step can be repeated. */
async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("alert_incident")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("open_key", "text", (column) => column.unique())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("scope", "text")
    .addColumn("value", "text")
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("opened_at", "bigint", (column) => column.notNull())
    .addColumn("last_at", "bigint", (column) => column.notNull())
    .addColumn("closed_at", "bigint")
    .addColumn("closed_why", "text")
    .addColumn("detections", "bigint", (column) => column.notNull())
    .addColumn("refused", "bigint", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("updates", "integer", (column) => column.notNull())
    .addColumn("next_update_at", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("alert")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("incident_id", "text")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("body", "text")
    .execute();
  await schema
    .createTable("alert_delivery")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("alert_id", "text", (column) => column.notNull())
    .addColumn("incident_id", "text")
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("held_for", "text")
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("next_attempt_at", "bigint", (column) => column.notNull())
    .addColumn("give_up_at", "bigint", (column) => column.notNull())
    .addColumn("sent_at", "bigint")
    .addColumn("last_error", "text")
    .addUniqueConstraint("alert_delivery_once", ["alert_id", "channel"])
    .execute();
  for (const { name, table, columns } of indexes) {
    await schema.createIndex(name).ifNotExists().on(table).columns(columns).execute();
  }
}

const indexes = [
  { name: "alert_incident_rule", table: "alert_incident", columns: ["rule", "closed_at", "opened_at"] },
  { name: "alert_incident_open", table: "alert_incident", columns: ["closed_at", "last_at"] },
  { name: "alert_of_incident", table: "alert", columns: ["incident_id"] },
  { name: "alert_delivery_due", table: "alert_delivery", columns: ["status", "channel", "next_attempt_at"] },
  { name: "alert_delivery_lately", table: "alert_delivery", columns: ["channel", "created_at"] },
  { name: "alert_delivery_incident", table: "alert_delivery", columns: ["incident_id"] },
];
