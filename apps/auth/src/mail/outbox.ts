// The outbox: mails in a table, from the request that causes them until they are sent or given up.

import { uuidv7 } from "@fluxstudio/guard";
import { type Selectable, sql, type Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { MailOutboxTable, Tables } from "../database/tables.ts";
import { mailboxOf } from "./address.ts";
import { isForOperators, type MailTemplate } from "./message.ts";
import type { OutgoingMail } from "./transport.ts";

export interface OutboxMail {
  readonly key: string;
  readonly template: MailTemplate;
  readonly recipient: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly usefulUntil?: number | undefined;
}

/**
 * - `queued`: it will be sent
 * - `known`: a mail with this key was queued before
 * - `too-many`: the mailbox gets no more of this template for now
 * - `full`: the outbox is
 */
export type QueueResult = "queued" | "known" | "too-many" | "full";

/** A mail that is this process's to send until the lease ends. */
export interface ClaimedMail extends OutgoingMail {
  readonly template: MailTemplate;
  /** This try included. Whoever claims the mail later has more, which is how a late report is known for one. */
  readonly attempts: number;
  readonly giveUpAt: number;
}

export interface Outbox {
  add(mail: OutboxMail, at: number): Promise<QueueResult>;
  /** Takes the mail that is due for the longest time. */
  claim(at: number): Promise<ClaimedMail | undefined>;
  sent(mail: ClaimedMail, at: number): Promise<void>;
  failed(mail: ClaimedMail, reason: string, nextAttemptAt: number): Promise<void>;
  giveUp(mail: ClaimedMail, reason: string): Promise<void>;
}

export interface OutboxOptions {
  /** How long a mail belongs to the process that claimed it; longer than a try can take. @default 300_000 */
  readonly leaseMs?: number;
  /** Mails that wait at most; a few more when many are queued at the same moment. @default 10_000 */
  readonly maxQueued?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** RFC 5321, 4.5.4.1, says four days; but nobody waits that long for a link, or should hear that late of a sign-in. */
export const giveUpAfterMs = dayMs;
const usefulForMs = 7 * dayMs;
/**
 * Of one template to one mailbox: strangers can cause mails by entering an address, and would fill somebody's mailbox. After a
 * day's fill there is still one an hour: nobody can use up the mails by which an owner comes back, as long as their links last.
 */
const maxPerHour = 5;
const maxPerDay = 15;
/** "mail": PostgreSQL's advisory locks are shared by everything in the database. */
const lockClass = 0x6d61_696c;

export function createOutbox(database: Database, options: OutboxOptions = {}): Outbox {
  const { kysely } = database;
  const { leaseMs = 300_000, maxQueued = 10_000 } = options;

  /** What the mail is while nobody else has claimed it. */
  const claimed = ({ id, attempts }: ClaimedMail) =>
    kysely
      .updateTable("mail_outbox")
      .where("id", "=", id)
      .where("status", "=", "queued")
      .where("attempts", "=", attempts);

  async function refusal(
    transaction: Transaction<Tables>,
    mailbox: string,
    template: MailTemplate,
    at: number,
  ): Promise<"too-many" | "full" | undefined> {
    // SQLite has one writer; here, requests side by side would all count the same mails and all add theirs.
    if (database.dialect === "postgres") {
      await sql`select pg_advisory_xact_lock(${lockClass}::int, hashtext(${mailbox}))`.execute(transaction);
    }
    const lately = await transaction
      .selectFrom("mail_outbox")
      .select("created_at")
      .where("mailbox", "=", mailbox)
      .where("template", "=", template)
      .where("created_at", ">", at - dayMs)
      .orderBy("created_at", "desc")
      .limit(maxPerDay)
      .execute();
    const lastHour = lately.filter((row) => row.created_at > at - hourMs).length;
    if (lastHour >= (lately.length < maxPerDay ? maxPerHour : 1)) return "too-many";
    const full = await transaction
      .selectFrom("mail_outbox")
      .select("id")
      .where("status", "=", "queued")
      .limit(1)
      .offset(maxQueued - 1)
      .executeTakeFirst();
    return full ? "full" : undefined;
  }

  return {
    add(mail, at) {
      const { key, template, recipient, subject, html, text, usefulUntil = at + usefulForMs } = mail;
      const mailbox = mailboxOf(recipient);
      return kysely.transaction().execute(async (transaction) => {
        const refused = isForOperators(template)
          ? undefined
          : await refusal(transaction, mailbox, template, at);
        if (refused) return refused;
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("mail_outbox")
          .values({
            ...{ id: uuidv7(at), key, template, recipient, mailbox, subject, html, text },
            ...{ status: "queued", attempts: 0, created_at: at },
            // Before all that waits: strangers can fill the outbox, and what tells of it must not stand in that line.
            next_attempt_at: isForOperators(template) ? at - dayMs : at,
            ...{ give_up_at: Math.min(at + giveUpAfterMs, usefulUntil), useful_until: usefulUntil },
          })
          .onConflict((conflict) => conflict.column("key").doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows ? "queued" : "known";
      });
    },

    async claim(at) {
      const due = kysely
        .selectFrom("mail_outbox")
        .select("id")
        .where("status", "=", "queued")
        .where("next_attempt_at", "<=", at)
        .orderBy("next_attempt_at")
        .limit(1)
        // Without this, PostgreSQL lets two processes wait for the same row, and both take it.
        .$if(database.dialect === "postgres", (query) => query.forUpdate().skipLocked());
      const row = await kysely
        .updateTable("mail_outbox")
        .set(({ eb }) => ({ next_attempt_at: at + leaseMs, attempts: eb("attempts", "+", 1) }))
        .where("id", "=", due)
        .returningAll()
        .executeTakeFirst();
      return row && toClaimed(row);
    },

    async sent(mail, at) {
      // The text may hold a one-time link, which nobody should find in a backup.
      await claimed(mail)
        .set({ status: "sent", sent_at: at, html: null, text: null, last_error: null })
        .execute();
    },

    async failed(mail, reason, nextAttemptAt) {
      await claimed(mail).set({ next_attempt_at: nextAttemptAt, last_error: reason }).execute();
    },

    async giveUp(mail, reason) {
      await claimed(mail).set({ status: "dead", last_error: reason }).execute();
    },
  };
}

function toClaimed(row: Selectable<MailOutboxTable>): ClaimedMail {
  return {
    id: row.id,
    template: row.template,
    recipient: row.recipient,
    subject: row.subject,
    // Only mails that are not queued have none.
    html: row.html ?? "",
    text: row.text ?? "",
    createdAt: row.created_at,
    attempts: row.attempts,
    giveUpAt: row.give_up_at,
  };
}
