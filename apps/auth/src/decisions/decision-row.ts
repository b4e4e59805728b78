// A decision as a row, and back.

import type { Decision } from "@fluxstudio/guard";
import type { Insertable, Selectable } from "kysely";
import type { DecisionTable } from "../database/tables.ts";

export function toRow(decision: Decision, storedAt: number): Insertable<DecisionTable> {
  return {
    id: decision.id,
    action: decision.action,
    scope: decision.scope,
    // PostgreSQL refuses a NUL in text; a device or session id is the client's to choose.
    value: decision.value.replaceAll("\0", "\ufffd"),
    origin: decision.origin,
    rule: decision.rule ?? null,
    reason: decision.reason?.replaceAll("\0", "\ufffd") ?? null,
    event_id: decision.eventId ?? null,
    created_at: Math.trunc(decision.createdAt),
    until: decision.until === null ? null : Math.trunc(decision.until),
    removed_at: null,
    stored_at: Math.trunc(storedAt),
  };
}

export function fromRow(row: Selectable<DecisionTable>): Decision {
  return {
    id: row.id,
    action: row.action,
    scope: row.scope,
    value: row.value,
    origin: row.origin,
    createdAt: row.created_at,
    until: row.until,
    ...(row.rule === null ? {} : { rule: row.rule }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.event_id === null ? {} : { eventId: row.event_id }),
  };
}
