// What time brings: an incident that goes on is told again, and one that is quiet is over.

import type { Database } from "../database/database.ts";
import type { BodyOf } from "./alert-body.ts";
import type { AlertStore, AlertTransaction } from "./alert-store.ts";
import { countOf } from "./distinct.ts";
import { fromRow, type Incident, toldOf } from "./incident.ts";
import type { Routing } from "./routing.ts";

export interface ReviewOptions {
  readonly database: Database;
  readonly store: AlertStore;
  readonly routing: Routing;
  readonly bodyOf: BodyOf;
  readonly updateMs: number;
  readonly quietMs: number;
  /** Of an incident of the server, which reports it all the time. */
  readonly serverQuietMs: number;
}

export interface Review {
  /** Whether there was anything to do. */
  run(at: number): Promise<boolean>;
}

const dayMs = 24 * 3_600_000;
const longestUpdateMs = dayMs;
/** In one transaction; the rest follows at the next run. */
const atOnce = 200;

export function createReview(options: ReviewOptions): Review {
  const { database, store, routing, bodyOf, updateMs, quietMs, serverQuietMs } = options;
  const { kysely } = database;

  function dueIn(where: Pick<AlertTransaction, "selectFrom">, at: number) {
    return where
      .selectFrom("alert_incident")
      .where("closed_at", "is", null)
      .where(({ or, and, eb }) =>
        or([
          eb("last_at", "<=", at - quietMs),
          and([eb("kind", "=", "server"), eb("last_at", "<=", at - serverQuietMs)]),
          eb("next_update_at", "<=", at),
        ]),
      );
  }

  async function reviewOne(transaction: AlertTransaction, incident: Incident, at: number): Promise<void> {
    const quiet = incident.kind === "server" ? serverQuietMs : quietMs;
    if (incident.lastAt <= at - quiet) await close(transaction, incident, at);
    else if (incident.nextUpdateAt <= at) await update(transaction, incident, at);
    await store.save(transaction, incident);
  }

  /** Whoever was told that it began is told that it is over; what was to be told in a digest is there, too. */
  async function close(transaction: AlertTransaction, incident: Incident, at: number): Promise<void> {
    incident.closedAt = at;
    incident.closedWhy = "quiet";
    const told = await transaction
      .selectFrom("alert_delivery")
      .select("channel")
      .distinct()
      .where("incident_id", "=", incident.id)
      .where("status", "in", ["queued", "sent", "dead"])
      .execute();
    const channels = told.map(({ channel }) => channel);
    await tell(transaction, incident, "recovered", at, channels);
  }

  async function update(transaction: AlertTransaction, incident: Incident, at: number): Promise<void> {
    // What has not been told yet is told as it is then.
    if (incident.told && isNews(incident)) {
      if (await tell(transaction, incident, "updated", at)) incident.updates++;
    }
    incident.nextUpdateAt = at + Math.min(updateMs * 2 ** Math.min(incident.updates, 20), longestUpdateMs);
  }

  async function tell(
    transaction: AlertTransaction,
    incident: Incident,
    kind: "updated" | "recovered",
    at: number,
    channels?: readonly string[],
  ): Promise<boolean> {
    const { id: incidentId, rule, severity } = incident;
    const body = bodyOf(incident, { kind, at, sequence: incident.sequence + 1 });
    const about = { rule, severity, isFirst: false, at, dueAt: at };
    const isTold = await store.addAlert(transaction, incident, { kind, at, body }, (alertId) =>
      routing.route(transaction, { ...about, alertId, incidentId }, channels),
    );
    if (isTold) incident.told = toldOf(incident);
    return isTold;
  }

  return {
    async run(at) {
      // Asked without a lock: mostly there is nothing to do.
      if (!(await dueIn(kysely, at).select("id").limit(1).executeTakeFirst())) return false;
      await store.locked(async (transaction) => {
        const rows = await dueIn(transaction, at).selectAll().orderBy("id").limit(atOnce).execute();
        for (const row of rows) await reviewOne(transaction, fromRow(row), at);
      });
      return true;
    },
  };
}

function isNews({ detections, refused, values, told }: Incident): boolean {
  if (!told) return true;
  return detections > told.detections || refused > told.refused || countOf(values).count > told.values;
}
