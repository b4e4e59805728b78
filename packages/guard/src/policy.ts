// Policy: from detections to a decision, and how long a repeat offender is blocked.

import type { Decision } from "./decision.ts";
import type { Detection } from "./detection.ts";
import type { RuleResponse } from "./rule.ts";
import type { Scope } from "./scopes.ts";

/** A block doubles with each earlier one of the same scope/value, up to this: 24 hours. */
const longestBlockMs = 24 * 60 * 60_000;

export interface Proposal {
  readonly detection: Detection;
  readonly scope: Scope;
  readonly value: string;
  readonly durationMs: number;
}

/**
 * The one decision that answers all detections of a signal: the longest block that an enforced rule asks for.
 * @param valueIn the signal's value for a scope; a response about a scope that the signal has not is left out
 */
export function propose(
  detections: readonly Detection[],
  responseOf: (rule: string) => RuleResponse,
  valueIn: (scope: Scope) => string | undefined,
): Proposal | undefined {
  let longest: Proposal | undefined;
  for (const detection of detections) {
    const response = responseOf(detection.rule);
    if (detection.mode !== "enforce" || response.action === "record") continue;
    const value = valueIn(response.scope);
    if (value === undefined) continue;
    if (longest && longest.durationMs >= response.durationMs) continue;
    longest = { detection, scope: response.scope, value, durationMs: response.durationMs };
  }
  return longest;
}

/** @param offences earlier blocks of the same scope/value that still count */
export function blockFor(proposal: Proposal, offences: number, id: string, eventId: string): Decision {
  const { detection, scope, value, durationMs } = proposal;
  const lengthened = Math.max(durationMs, Math.min(durationMs * 2 ** Math.min(offences, 30), longestBlockMs));
  return {
    id,
    action: "block",
    scope,
    value,
    origin: "rule",
    createdAt: detection.at,
    until: detection.at + lengthened,
    rule: detection.rule,
    eventId,
  };
}
