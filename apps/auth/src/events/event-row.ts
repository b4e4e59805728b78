// A security event as rows, and back.

import { ipScopeValue, type SecurityEvent, severityOf } from "@fluxstudio/guard";
import type { Selectable } from "kysely";
import type { SecurityDetectionTable, SecurityEventTable } from "../database/tables.ts";
import { classOf, mainDetection, owaspOf, statusOf } from "./ocsf.ts";

export interface StoredEvent {
  readonly event: SecurityEvent;
  readonly owasp: string;
  readonly severity: SecurityEventTable["severity"];
  readonly status: SecurityEventTable["status"];
}

export function toEventRow(event: SecurityEvent): SecurityEventTable {
  const { signal, decision, refusals } = event;
  const { classUid, activityId } = classOf(event);
  return {
    id: event.id,
    at: Math.trunc(event.at),
    class_uid: classUid,
    activity_id: activityId,
    owasp: owaspOf(event),
    severity: severityOf(event),
    status: statusOf(event),
    ip: storable(signal.ip),
    ip_value: storable(ipScopeValue(signal.ip)),
    account: signal.account === undefined ? null : storable(signal.account),
    rule: decision?.rule ?? mainDetection(event)?.rule ?? null,
    action: decision?.action ?? null,
    refusals: refusals?.count ?? 0,
    data: JSON.stringify(event),
  };
}

export function toDetectionRows(event: SecurityEvent): SecurityDetectionTable[] {
  return event.detections.map(({ rule, scope, value, severity, mode }) => ({
    event_id: event.id,
    at: Math.trunc(event.at),
    rule,
    scope,
    value: storable(value),
    severity,
    mode,
  }));
}

export function fromEventRow(row: Selectable<SecurityEventTable>): StoredEvent {
  const event: SecurityEvent = JSON.parse(row.data);
  return { event, owasp: row.owasp, severity: row.severity, status: row.status };
}

/** PostgreSQL refuses a NUL in text, and one client's value must not keep the others' events from being stored. */
function storable(text: string): string {
  return text.replaceAll("\0", "\ufffd");
}
