// Deliveries that are due: each is one process's at a time, comes back when that process dies, and says the same at each try.

import type { Database } from "../database/database.ts";
import type { AlertBody, BodyOf } from "./alert-body.ts";
import type { AlertStore, AlertTransaction } from "./alert-store.ts";
import { toldOf } from "./incident.ts";

/** A delivery that is this process's until the lease ends. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly body: AlertBody;
  /** This try included. Whoever claims it later has more, which is how a late report is known for one. */
  readonly attempts: number;
  readonly giveUpAt: number;
}

export interface DeliveryQueue {
  /** Takes the delivery on this channel that is due for the longest time. */
  claim(channel: string, at: number): Promise<ClaimedDelivery | undefined>;
  sent(delivery: ClaimedDelivery, at: number): Promise<void>;
  failed(delivery: ClaimedDelivery, reason: string, nextAttemptAt: number): Promise<void>;
  giveUp(delivery: ClaimedDelivery, reason: string): Promise<void>;
}

export interface DeliveryQueueOptions {
  readonly database: Database;
  readonly store: AlertStore;
  readonly bodyOf: BodyOf;
  /** How long a delivery belongs to the process that claimed it; longer than a try can take. @default 60_000 */
  readonly leaseMs?: number;
}

export function createDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueue {
  const { database, store, bodyOf, leaseMs = 60_000 } = options;
  const { kysely } = database;

  /** What the delivery is while nobody else has claimed it. */
  const claimed = ({ id, attempts }: ClaimedDelivery) =>
    kysely
      .updateTable("alert_delivery")
      .where("id", "=", id)
      .where("status", "=", "queued")
      .where("attempts", "=", attempts);

  /** What is told first is told on every channel, and again should a try fail. */
  async function bodyFor(transaction: AlertTransaction, alertId: string, at: number): Promise<AlertBody> {
    const alert = await transaction
      .selectFrom("alert")
      .selectAll()
      .where("id", "=", alertId)
      .executeTakeFirstOrThrow();
    if (alert.body !== null) return JSON.parse(alert.body);
    const incident = await store.find(transaction, alert.incident_id ?? "");
    if (!incident) throw new Error(`The alert ${alertId} is about an incident that is gone.`);
    const body = bodyOf(incident, { kind: "opened", at, sequence: alert.sequence });
    await transaction.updateTable("alert").set({ body }).where("id", "=", alertId).execute();
    incident.told = toldOf(incident);
    await store.save(transaction, incident);
    return JSON.parse(body);
  }

  return {
    async claim(channel, at) {
      const due = kysely
        .selectFrom("alert_delivery")
        .select("id")
        .where("status", "=", "queued")
        .where("channel", "=", channel)
        .where("next_attempt_at", "<=", at)
        .orderBy("next_attempt_at")
        .orderBy("id")
        .limit(1)
        // Without this, PostgreSQL lets two processes wait for the same row, and both take it.
        .$if(database.dialect === "postgres", (query) => query.forUpdate().skipLocked());
      const row = await kysely
        .updateTable("alert_delivery")
        .set(({ eb }) => ({ next_attempt_at: at + leaseMs, attempts: eb("attempts", "+", 1) }))
        .where("id", "=", due)
        .returning(["id", "alert_id", "attempts", "give_up_at"])
        .executeTakeFirst();
      if (!row) return undefined;
      const known = await kysely
        .selectFrom("alert")
        .select("body")
        .where("id", "=", row.alert_id)
        .executeTakeFirst();
      const body: AlertBody = known?.body
        ? JSON.parse(known.body)
        : await store.locked((transaction) => bodyFor(transaction, row.alert_id, at));
      return { id: row.id, body, attempts: row.attempts, giveUpAt: row.give_up_at };
    },

    async sent(delivery, at) {
      await claimed(delivery).set({ status: "sent", sent_at: at, last_error: null }).execute();
    },

    async failed(delivery, reason, nextAttemptAt) {
      await claimed(delivery).set({ next_attempt_at: nextAttemptAt, last_error: reason }).execute();
    },

    async giveUp(delivery, reason) {
      await claimed(delivery).set({ status: "dead", last_error: reason }).execute();
    },
  };
}
