// An address that has been caught again and again, by whatever rule: its score has fallen so far that it is blocked.

import type { Rule } from "../rule.ts";

/**
 * The facts and settings only: nothing is counted in windows. What moves a score, and what follows from it, is in
 * reputation.ts, which the engine asks when a guard has this rule.
 */
export const reputation: Rule = {
  id: "reputation",
  summary: "One address was caught again and again, so that little is left of its reputation.",
  severity: "high",
  confidence: "medium",
  attack: "T1110",
  owasp: "excess_rate_limit_exceeded",
  // The threshold is a score, which is blocked below it; the window is the half-life of its way back to neutral.
  defaults: {
    mode: "enforce",
    threshold: 20,
    windowMs: 7 * 24 * 60 * 60_000,
    response: { action: "block", scope: "ip", durationMs: 60 * 60_000 },
  },
  listensTo: [],
  limits: () => [],
  observe: () => [],
  judge: () => undefined,
};
