// The tables of flux-auth that are its own; Better Auth has its own beside them.

import type { Action, Mode, Origin, Scope, Severity } from "@fluxstudio/guard";
import type { AlertTables } from "../alerts/alert-tables.ts";
import type { MailTemplate } from "../mail/message.ts";

export interface Tables extends AlertTables {
  security_event: SecurityEventTable;
  security_detection: SecurityDetectionTable;
  decision: DecisionTable;
  operator_token: OperatorTokenTable;
  mail_outbox: MailOutboxTable;
  signing_key: SigningKeyTable;
  refresh_family: RefreshFamilyTable;
  device: DeviceTable;
  job: JobTable;
  auth_schema: AuthSchemaTable;
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
  /** By the clock of the process that stored it; null before there was this column. */
  stored_at: number | null;
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

/** Mails are kept as they will be sent: what they are rendered from holds the same one-time links. */
export interface MailOutboxTable {
  id: string;
  /** Names the event: a second mail with the same key is not queued. */
  key: string;
  template: MailTemplate;
  recipient: string;
  /** What mails to the recipient are counted under. */
  mailbox: string;
  subject: string;
  /** Null as soon as nothing more is to be done with it, because it may hold a one-time link. */
  html: string | null;
  text: string | null;
  status: "queued" | "sent" | "dead";
  attempts: number;
  created_at: number;
  /** When it is due; while it is being sent, when another process takes it for left behind. */
  next_attempt_at: number;
  give_up_at: number;
  /** When a dead mail can no longer be tried again. */
  useful_until: number;
  sent_at: number | null;
  last_error: string | null;
}

export interface SigningKeyTable {
  number: number;
  created_at: number;
  /** The private key as JWK, in a JWE. */
  sealed: string;
}

/** One row a family, however often its token is exchanged. */
export interface RefreshFamilyTable {
  id: string;
  session_id: string;
  salt: string;
  /** How often it was exchanged. */
  generation: number;
  /** SHA-256 of the token that is good now, base64url. */
  hash: string;
  created_at: number;
  /** When the token that is good now was given out. */
  used_at: number;
  ended_at: number | null;
}

/** A browser that has signed in to an account. */
export interface DeviceTable {
  /** 128 random bits; in the cookie, in signals, and with the sessions of the device. */
  id: string;
  user_id: string;
  /** As its user agent says. */
  name: string;
  created_at: number;
  last_used_at: number;
  last_ip: string;
  country: string | null;
  city: string | null;
  /** SHA-256 of the secret in the cookie, base64url. */
  secret_hash: string;
  previous_hash: string | null;
  rotated_at: number;
  /** A revoked device stays, so that the next one is not taken for the first. */
  revoked_at: number | null;
}

/** One row a job; it is also the lease of whoever runs it. */
export interface JobTable {
  name: string;
  /** By which `due_at` was reckoned. */
  schedule: string;
  due_at: number;
  /** Counts the runs: whoever began one holds the job as long as this is its number. */
  run: number;
  /** How often what was due has been begun; 0 when it was finished. */
  attempts: number;
  /** Null: nobody runs it. In the past: whoever ran it is gone. */
  lease_until: number | null;
  /** JSON: the run under the lease. */
  running: string | null;
  /** JSON: the last run that was finished. */
  last: string | null;
  last_dry_run: string | null;
}

/** One row: the schema that Better Auth's tables were last brought to. */
export interface AuthSchemaTable {
  fingerprint: string;
}
