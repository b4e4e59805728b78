// What an operator sees of alerts: incidents, what was said of each on which channel, and what came back.

import type { Selectable } from "kysely";
import type { Database } from "../database/database.ts";
import type { AlertDeliveryTable, AlertTable } from "./alert-tables.ts";
import { countOf } from "./distinct.ts";
import { fromRow, type Incident } from "./incident.ts";

export interface AlertQuery {
  readonly id?: string | undefined;
  readonly open?: boolean | undefined;
  /** Incidents older than the one with this id. */
  readonly before?: string | undefined;
  /** At most this many, and never more than 200. @default 20 */
  readonly limit?: number | undefined;
}

/** Times are milliseconds since 1970. */
export interface IncidentRecord {
  readonly id: string;
  readonly rule: string;
  readonly kind: Incident["kind"];
  readonly severity: Incident["severity"];
  readonly scope: Incident["scope"];
  readonly value: string | null;
  readonly values: { readonly count: number; readonly isExact: boolean; readonly sample: readonly string[] };
  readonly openedAt: number;
  readonly lastAt: number;
  readonly closedAt: number | null;
  readonly closedWhy: Incident["closedWhy"];
  readonly detections: number;
  readonly refused: number;
  readonly decision?: Incident["latest"]["decision"];
  readonly deliveries: readonly DeliveryRecord[];
}

export interface DeliveryRecord {
  readonly id: string;
  readonly kind: AlertTable["kind"];
  readonly sequence: number;
  readonly channel: string;
  readonly status: AlertDeliveryTable["status"];
  readonly heldFor: AlertDeliveryTable["held_for"];
  readonly attempts: number;
  readonly createdAt: number;
  /** Of one that waits only. */
  readonly nextAttemptAt?: number | undefined;
  readonly sentAt: number | null;
  readonly lastError: string | null;
}

const largestLimit = 200;

export function createAlertReview({ kysely }: Database) {
  return {
    /** Newest first. */
    async list({ id, open, before, limit = 20 }: AlertQuery = {}): Promise<IncidentRecord[]> {
      let query = kysely
        .selectFrom("alert_incident")
        .selectAll()
        .orderBy("id", "desc")
        .limit(Math.min(Math.max(1, Math.trunc(limit)), largestLimit));
      if (id !== undefined) query = query.where("id", "=", id);
      if (open) query = query.where("closed_at", "is", null);
      if (before !== undefined) query = query.where("id", "<", before);
      const incidents = (await query.execute()).map(fromRow);
      if (incidents.length === 0) return [];
      const rows = await kysely
        .selectFrom("alert_delivery")
        .innerJoin("alert", "alert.id", "alert_delivery.alert_id")
        .selectAll("alert_delivery")
        .select(["alert.kind", "alert.sequence"])
        .where(
          "alert_delivery.incident_id",
          "in",
          incidents.map((incident) => incident.id),
        )
        .orderBy("alert.sequence")
        .orderBy("channel")
        .execute();
      const deliveries = Map.groupBy(rows, ({ incident_id }) => incident_id);
      return incidents.map((incident) => toRecord(incident, deliveries.get(incident.id) ?? []));
    },
  };
}

type DeliveryRow = Selectable<AlertDeliveryTable> & Pick<Selectable<AlertTable>, "kind" | "sequence">;

function toRecord(incident: Incident, deliveries: readonly DeliveryRow[]): IncidentRecord {
  const {
    latest,
    values,
    sample,
    told: _,
    sequence: __,
    updates: ___,
    nextUpdateAt: ____,
    ...rest
  } = incident;
  return {
    ...rest,
    values: { ...countOf(values), sample },
    ...(latest.decision && { decision: latest.decision }),
    deliveries: deliveries.map((row) => ({
      ...{ id: row.id, kind: row.kind, sequence: row.sequence, channel: row.channel, status: row.status },
      ...{ heldFor: row.held_for, attempts: row.attempts, createdAt: row.created_at },
      nextAttemptAt: row.status === "queued" || row.status === "held" ? row.next_attempt_at : undefined,
      ...{ sentAt: row.sent_at, lastError: row.last_error },
    })),
  };
}
