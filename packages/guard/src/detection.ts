// A detection: one rule matched. Reasons are data here; prose is derived where it is shown.

import type { Scope } from "./scopes.ts";

export const severities = ["informational", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];
export type Confidence = "low" | "medium" | "high";

/** `monitor`: detect and record, never act. `enforce`: act. */
export const modes = ["monitor", "enforce"] as const;
export type Mode = (typeof modes)[number];

/** What was counted, against what. Further facts (a country, an agent's class) are added by the rule. */
export interface Evidence {
  readonly count: number;
  readonly threshold: number;
  readonly windowMs: number;
  readonly [fact: string]: string | number | boolean | undefined;
}

export interface Detection {
  readonly rule: string;
  readonly at: number;
  readonly scope: Scope;
  readonly value: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly mode: Mode;
  /** MITRE ATT&CK technique, e.g. `T1110.001`; absent where none fits. */
  readonly attack?: string | undefined;
  /** OWASP logging vocabulary event, e.g. `authn_login_fail_max`. */
  readonly owasp: string;
  readonly evidence: Evidence;
}
