// Events, detections, decisions and operator tokens.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const security: Migration = { up };

/**
 * Kysely runs migrations of SQLite outside a transaction, so a process that dies here has done a part of it. Each step
 * can therefore be repeated.
 */
async function up(kysely: Kysely<unknown>): Promise<void> {
  const { schema } = kysely;
  await schema
    .createTable("security_event")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("class_uid", "integer", (column) => column.notNull())
    .addColumn("activity_id", "integer", (column) => column.notNull())
    .addColumn("owasp", "text", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("ip", "text", (column) => column.notNull())
    .addColumn("ip_value", "text", (column) => column.notNull())
    .addColumn("account", "text")
    .addColumn("rule", "text")
    .addColumn("action", "text")
    .addColumn("refusals", "integer", (column) => column.notNull())
    .addColumn("data", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("security_detection")
    .ifNotExists()
    .addColumn("event_id", "text", (column) =>
      column.notNull().references("security_event.id").onDelete("cascade"),
    )
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("mode", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("decision")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("rule", "text")
    .addColumn("reason", "text")
    .addColumn("event_id", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("until", "bigint")
    .addColumn("removed_at", "bigint")
    .execute();
  await schema
    .createTable("operator_token")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .addColumn("expires_at", "bigint")
    .execute();
  for (const { name, table, columns } of indexes) {
    await schema.createIndex(name).ifNotExists().on(table).columns(columns).execute();
  }
}

/** An event's id sorts by its time, so an index that ends with the id serves "the latest of this address". */
const indexes = [
  { name: "security_event_at", table: "security_event", columns: ["at"] },
  { name: "security_event_ip", table: "security_event", columns: ["ip_value", "id"] },
  { name: "security_event_account", table: "security_event", columns: ["account", "id"] },
  { name: "security_event_rule", table: "security_event", columns: ["rule", "id"] },
  { name: "security_detection_event", table: "security_detection", columns: ["event_id"] },
  { name: "security_detection_rule", table: "security_detection", columns: ["rule", "event_id"] },
  { name: "security_detection_value", table: "security_detection", columns: ["scope", "value", "event_id"] },
  // At start those that still matter are read: not removed, and not over for long.
  { name: "decision_until", table: "decision", columns: ["removed_at", "until"] },
];
