// The outbox: mails that wait to be sent, and what became of them.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const mail: Migration = { up };

/** As in the first migration, each step can be repeated. */
async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("mail_outbox")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("key", "text", (column) => column.notNull().unique())
    .addColumn("template", "text", (column) => column.notNull())
    .addColumn("recipient", "text", (column) => column.notNull())
    .addColumn("mailbox", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("html", "text")
    .addColumn("text", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("next_attempt_at", "bigint", (column) => column.notNull())
    .addColumn("give_up_at", "bigint", (column) => column.notNull())
    .addColumn("useful_until", "bigint", (column) => column.notNull())
    .addColumn("sent_at", "bigint")
    .addColumn("last_error", "text")
    .execute();
  for (const { name, columns } of indexes) {
    await schema.createIndex(name).ifNotExists().on("mail_outbox").columns(columns).execute();
  }
}

const indexes = [
  { name: "mail_outbox_due", columns: ["status", "next_attempt_at"] },
  { name: "mail_outbox_latest", columns: ["status", "id"] },
  { name: "mail_outbox_mailbox", columns: ["mailbox", "template", "created_at"] },
];
