// What an operator sees of the outbox, and can do about a dead mail.

import type { Selectable } from "kysely";
import type { Database } from "../database/database.ts";
import type { MailOutboxTable } from "../database/tables.ts";
import type { MailTemplate } from "./message.ts";
import { giveUpAfterMs } from "./outbox.ts";

export type MailStatus = MailOutboxTable["status"];

/** A mail without its text: whoever reads its one-time link can use it. Times are milliseconds since 1970. */
export interface MailRecord {
  readonly id: string;
  readonly template: MailTemplate;
  readonly recipient: string;
  readonly subject: string;
  readonly status: MailStatus;
  readonly attempts: number;
  readonly createdAt: number;
  /** Of a queued mail only. */
  readonly nextAttemptAt: number | undefined;
  readonly sentAt: number | undefined;
  /** Why the last try failed, without addresses and links. */
  readonly lastError: string | undefined;
  /** Of a dead mail only: until then it can be tried again. */
  readonly retryUntil: number | undefined;
}

export interface MailQuery {
  readonly status?: MailStatus | undefined;
  /** Mails older than the one with this id. */
  readonly before?: string | undefined;
  /** At most this many, and never more than 500. @default 100 */
  readonly limit?: number | undefined;
}

export interface OutboxReview {
  /** Newest first. */
  list(query: MailQuery): Promise<MailRecord[]>;
  count(status: MailStatus): Promise<number>;
  /** The mail about this event. */
  find(key: string): Promise<MailRecord | undefined>;
  /** Queues a dead mail once more. Whether it was dead, and still has something to say. */
  retry(id: string, at: number): Promise<boolean>;
}

const largestLimit = 500;
const columns = [
  ...(["id", "template", "recipient", "subject", "status", "attempts", "created_at"] as const),
  ...(["next_attempt_at", "useful_until", "sent_at", "last_error"] as const),
];

export function createOutboxReview({ kysely }: Database): OutboxReview {
  return {
    async list({ status, before, limit = 100 }) {
      let query = kysely
        .selectFrom("mail_outbox")
        .select(columns)
        .orderBy("id", "desc")
        .limit(Math.min(Math.max(1, Math.trunc(limit)), largestLimit));
      if (status) query = query.where("status", "=", status);
      if (before) query = query.where("id", "<", before);
      return (await query.execute()).map(toRecord);
    },

    async count(status) {
      const { count } = await kysely
        .selectFrom("mail_outbox")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("status", "=", status)
        .executeTakeFirstOrThrow();
      return count;
    },

    async find(key) {
      const row = await kysely
        .selectFrom("mail_outbox")
        .select(columns)
        .where("key", "=", key)
        .executeTakeFirst();
      return row && toRecord(row);
    },

    async retry(id, at) {
      const row = await kysely
        .selectFrom("mail_outbox")
        .select("useful_until")
        .where("id", "=", id)
        .executeTakeFirst();
      const { numUpdatedRows } = await kysely
        .updateTable("mail_outbox")
        .set({
          ...{ status: "queued", attempts: 0, next_attempt_at: at },
          give_up_at: Math.min(at + giveUpAfterMs, row?.useful_until ?? at),
        })
        .where("id", "=", id)
        .where("status", "=", "dead")
        .where("useful_until", ">", at)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

function toRecord(row: Pick<Selectable<MailOutboxTable>, (typeof columns)[number]>): MailRecord {
  const { id, template, recipient, subject, status, attempts } = row;
  return {
    ...{ id, template, recipient, subject, status, attempts },
    createdAt: row.created_at,
    nextAttemptAt: status === "queued" ? row.next_attempt_at : undefined,
    sentAt: row.sent_at ?? undefined,
    lastError: row.last_error ?? undefined,
    retryUntil: status === "dead" ? row.useful_until : undefined,
  };
}
