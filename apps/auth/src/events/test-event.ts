// Events for tests.

import { type Decision, type Detection, type SecurityEvent, type Signal, uuidv7 } from "@fluxstudio/guard";

export const start = 1_795_000_000_000;

export const detection: Detection = {
  rule: "brute-force",
  at: start,
  scope: "ip",
  value: "203.0.113.7",
  severity: "high",
  confidence: "high",
  mode: "enforce",
  attack: "T1110.001",
  owasp: "authn_login_fail_max",
  evidence: { count: 5, threshold: 5, windowMs: 300_000 },
};

export const decision: Decision = {
  id: "decision-1",
  action: "block",
  scope: "ip",
  value: "203.0.113.7",
  origin: "rule",
  createdAt: start,
  until: start + 3_600_000,
  rule: "brute-force",
  eventId: "event-1",
};

/** A failed sign-in, unless the changes say something else. */
export function securityEvent(
  signal: Partial<Signal> = {},
  rest: Partial<Omit<SecurityEvent, "signal">> = {},
): SecurityEvent {
  const at = signal.at ?? start;
  return {
    id: uuidv7(at),
    at,
    signal: {
      type: "sign-in-failure",
      at,
      ip: "203.0.113.7",
      id: "signal-1",
      account: "account-hash",
      userAgent: "Mozilla/5.0",
      method: "POST",
      path: "/api/auth/login",
      status: 401,
      door: "sign-in",
      ...signal,
    },
    detections: [],
    ...rest,
  };
}
