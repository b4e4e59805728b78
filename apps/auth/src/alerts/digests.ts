// Digests: one alert on each channel about all that was too mild, or too much, to be told at once.

import { severities, uuidv7 } from "@fluxstudio/guard";
import type { Database } from "../database/database.ts";
import type { AlertStore, AlertTransaction } from "./alert-store.ts";
import { fromRow, type Incident, toldOf } from "./incident.ts";
import { type ChannelRoute, giveUpAfterMs } from "./routing.ts";

export interface DigestContent {
  /** The worst and latest first; some of them. */
  readonly incidents: readonly Incident[];
  /** How many incidents there are. */
  readonly count: number;
  /** Alerts that were too mild. */
  readonly mild: number;
  /** Alerts that were too many. */
  readonly heldBack: number;
  readonly since: number;
}

export interface DigestsOptions {
  readonly database: Database;
  readonly store: AlertStore;
  readonly channels: readonly ChannelRoute[];
  readonly digestBodyOf: (content: DigestContent, at: number) => string;
}

export interface Digests {
  /** On how many channels there is one to be sent. */
  due(at: number): Promise<number>;
  run(transaction: AlertTransaction, at: number): Promise<void>;
}

/** Held alerts that one digest takes; incidents that it names. */
const alertsAtOnce = 5_000;
const named = 20;

export function createDigests({ database, store, channels, digestBodyOf }: DigestsOptions): Digests {
  async function digest(transaction: AlertTransaction, channel: string, at: number): Promise<void> {
    const due = await dueOn(transaction, channel, at);
    if (!due) return;
    // All that waits goes along: nobody wants another digest soon.
    const held = await transaction
      .selectFrom("alert_delivery")
      .select(["id", "incident_id", "held_for", "created_at"])
      .where("channel", "=", channel)
      .where("status", "=", "held")
      .where((where) => where.or([where("held_for", "=", due), where("next_attempt_at", "<=", at)]))
      .orderBy("created_at")
      .limit(alertsAtOnce)
      .execute();
    const ids = [...new Set(held.flatMap(({ incident_id }) => incident_id ?? []))];
    const incidents = await newest(transaction, ids);
    for (const incident of incidents) {
      // What goes on after that is news for the next digest.
      incident.told = toldOf(incident);
      await store.save(transaction, incident);
    }
    const heldBack = held.filter(({ held_for }) => held_for === "cap").length;
    const body = digestBodyOf(
      {
        ...{ incidents, count: ids.length, heldBack, mild: held.length - heldBack },
        since: held[0]?.created_at ?? at,
      },
      at,
    );
    await store.addAlert(transaction, undefined, { kind: "digest", at, body }, async (alertId) => [
      {
        ...{
          id: uuidv7(at),
          alert_id: alertId,
          incident_id: null,
          channel,
          status: "queued",
          held_for: null,
        },
        ...{ attempts: 0, created_at: at, next_attempt_at: at, give_up_at: at + giveUpAfterMs },
        ...{ sent_at: null, last_error: null },
      },
    ]);
    for (let start = 0; start < held.length; start += 500) {
      const some = held.slice(start, start + 500).map(({ id }) => id);
      await transaction
        .updateTable("alert_delivery")
        .set({ status: "digested" })
        .where("id", "in", some)
        .execute();
    }
  }

  return {
    async due(at) {
      const all = await Promise.all(channels.map(({ name }) => dueOn(database.kysely, name, at)));
      return all.filter((due) => due !== undefined).length;
    },
    async run(transaction, at) {
      for (const { name } of channels) await digest(transaction, name, at);
    },
  };
}

async function dueOn(where: Pick<AlertTransaction, "selectFrom">, channel: string, at: number) {
  const row = await where
    .selectFrom("alert_delivery")
    .select("held_for")
    .where("status", "=", "held")
    .where("channel", "=", channel)
    .where("next_attempt_at", "<=", at)
    .orderBy("next_attempt_at")
    .limit(1)
    .executeTakeFirst();
  return row && (row.held_for ?? "cap");
}

/** Of all of them the worst and latest, but one of each rule before a second one of any: many must not push out what is rare. */
async function newest(transaction: AlertTransaction, ids: readonly string[]): Promise<Incident[]> {
  let found: Incident[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const rows = await transaction
      .selectFrom("alert_incident")
      .selectAll()
      .where("id", "in", ids.slice(start, start + 500))
      .execute();
    found = [...found, ...rows.map(fromRow)].sort(worstFirst);
    const ofEachRule = new Map(found.toReversed().map((one) => [one.rule, one]));
    found = [...new Set([...ofEachRule.values(), ...found])].slice(0, named).sort(worstFirst);
  }
  return found;
}

const worstFirst = (one: Incident, other: Incident): number =>
  severities.indexOf(other.severity) - severities.indexOf(one.severity) || other.lastAt - one.lastAt;
