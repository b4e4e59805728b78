// The tables of flux-auth that are its own; Better Auth has its own beside them.

import type { Action, Mode, Origin, Scope, Severity } from "@fluxstudio/guard";

export interface Tables {
  security_event: SecurityEventTable;
  security_detection: SecurityDetectionTable;
  decision: DecisionTable;
  operator_token: OperatorTokenTable;
}

/** One row a security event; all times are milliseconds since 1970. */
export interface SecurityEventTable {
  /** UUID version 7: sorts by time. */
  id: string;
  at: number;
  /** OCSF: 3002 Authentication, 2004 Detection Finding. */
  class_uid: number;
  activity_id: number;
  /** OWASP logging vocabulary. */
  owasp: string;
  severity: Severity;
  status: "success" | "failure" | "unknown";
  ip: string;
  /** What the address is counted under: itself, or its IPv6 /64. */
  ip_value: string;
  account: string | null;
  /** The rule that decided, else the first that matched. */
  rule: string | null;
  action: Action | null;
  /** How many refusals the event sums up; 0 for any other event. */
  refusals: number;
  /** The whole event, as JSON. */
  data: string;
}

/** One row a detection of an event, so that events are found by any rule that matched. */
export interface SecurityDetectionTable {
  event_id: string;
  at: number;
  rule: string;
  scope: Scope;
  value: string;
  severity: Severity;
  mode: Mode;
}

export interface DecisionTable {
  id: string;
  action: Action;
  scope: Scope;
  value: string;
  origin: Origin;
  rule: string | null;
  reason: string | null;
  event_id: string | null;
  created_at: number;
  /** Null: until somebody removes it. */
  until: number | null;
  removed_at: number | null;
}

export interface OperatorTokenTable {
  id: string;
  name: string;
  /** SHA-256 of the token, base64url. */
  hash: string;
  created_at: number;
  last_used_at: number | null;
  expires_at: number | null;
}
