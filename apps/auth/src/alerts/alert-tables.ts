// The tables of alerts: incidents, what was said about each, and what became of it on each channel.

import type { Scope, Severity } from "@fluxstudio/guard";

export interface AlertTables {
  alert_incident: AlertIncidentTable;
  alert: AlertTable;
  alert_delivery: AlertDeliveryTable;
}

/** One row an incident; all times are milliseconds since 1970. */
export interface AlertIncidentTable {
  /** UUID version 7: sorts by time. */
  id: string;
  /** What it is about; null as soon as it is closed, so that only one is open at a time. */
  open_key: string | null;
  rule: string;
  /** `many`: so many scope/values did the same thing that they are one incident. `server`: about this server itself. */
  kind: "one" | "many" | "server";
  /** Null: of many, and not all of the same. */
  scope: Scope | null;
  /** Null: many. */
  value: string | null;
  severity: Severity;
  opened_at: number;
  /** When something happened last. */
  last_at: number;
  closed_at: number | null;
  /** `folded`: it became a part of one about many. */
  closed_why: "quiet" | "folded" | null;
  detections: number;
  refused: number;
  /** How many alerts there are about it. */
  sequence: number;
  /** How many of them said that it goes on. */
  updates: number;
  next_update_at: number;
  /** The latest facts, the distinct values, and what was told already, as JSON. */
  state: string;
}

/** One row for each thing said about an incident. */
export interface AlertTable {
  id: string;
  /** Null: a digest. */
  incident_id: string | null;
  kind: "opened" | "updated" | "recovered" | "digest";
  sequence: number;
  created_at: number;
  /** What is sent, as JSON; null until somebody begins to send it. The same at each try and on each channel. */
  body: string | null;
}

export const deliveryStatuses = ["queued", "sent", "dead", "held", "digested", "superseded"] as const;

export interface AlertDeliveryTable {
  /** The idempotency key. */
  id: string;
  alert_id: string;
  incident_id: string | null;
  channel: string;
  /**
   * - `held`: it waits for a digest
   * - `digested`: a digest told of it
   * - `superseded`: what it would have said is said by a later alert
   */
  status: (typeof deliveryStatuses)[number];
  held_for: "severity" | "cap" | null;
  attempts: number;
  created_at: number;
  /** When it is due; while it is being sent, when another process takes it for left behind. */
  next_attempt_at: number;
  give_up_at: number;
  sent_at: number | null;
  last_error: string | null;
}
