// Policy: from detections to decisions, and how long a repeat offender is blocked.

import type { Decision } from "./decision.ts";
import type { Detection } from "./detection.ts";
import type { Asked, RuleResponse } from "./rule.ts";
import type { Scope } from "./scopes.ts";

/** A block doubles with each earlier one of the same scope/value, up to this: 24 hours. */
export const longestBlockMs = 24 * 60 * 60_000;

const answeredAlone: ReadonlySet<Scope> = new Set(["device", "account+ip"]);

export interface Found {
  readonly detection: Detection;
  readonly asked?: Asked | undefined;
  /** A block lasts at least as long. At most `longestBlockMs`. */
  readonly atLeastMs?: number;
}

export interface Proposal {
  readonly detection: Detection;
  readonly action: "block" | Asked["action"];
  readonly scope: Scope;
  readonly value: string;
  /** For how long; null: until it is lifted. */
  readonly durationMs: number | null;
}

/**
 * The decisions that answer all detections of a signal: for each scope/value the longest that an enforced rule asks for,
 * blocks first. What a known device did, or what was done to one account from an address, is answered for that device or account
 * alone, not for everybody behind the address.
 * @param valueIn the signal's value for a scope; a response about a scope that the signal has not is left out
 */
export function propose(
  found: readonly Found[],
  responseOf: (rule: string) => RuleResponse,
  valueIn: (scope: Scope) => string | undefined,
): Proposal[] {
  const longest = new Map<Scope, Proposal>();
  for (const { detection, asked, atLeastMs = 0 } of found) {
    const response = responseOf(detection.rule);
    if (detection.mode !== "enforce" || response.action === "record") continue;
    const scope = answeredAlone.has(detection.scope) ? detection.scope : response.scope;
    const value = valueIn(scope);
    if (value === undefined) continue;
    const proposal = { detection, scope, value, ...answer(response, detection.at, asked, atLeastMs) };
    const other = longest.get(scope);
    if (!other || lasts(proposal) > lasts(other)) longest.set(scope, proposal);
  }
  return [...longest.values()].sort(
    (one, other) => Number(other.action === "block") - Number(one.action === "block"),
  );
}

/** @param offences earlier blocks of the same scope/value that still count */
export function decisionFor(proposal: Proposal, offences: number, id: string, eventId: string): Decision {
  const { detection, action, scope, value, durationMs } = proposal;
  const lengthened =
    durationMs === null || action !== "block"
      ? durationMs
      : Math.max(durationMs, Math.min(durationMs * 2 ** Math.min(offences, 30), longestBlockMs));
  return {
    id,
    action,
    scope,
    value,
    origin: "rule",
    createdAt: detection.at,
    until: lengthened === null ? null : detection.at + lengthened,
    rule: detection.rule,
    eventId,
  };
}

function answer(
  response: Exclude<RuleResponse, { action: "record" }>,
  at: number,
  asked: Asked | undefined,
  atLeastMs: number,
): Pick<Proposal, "action" | "durationMs"> {
  const { action, durationMs } = response;
  if (action === "block") return { action, durationMs: Math.max(durationMs, atLeastMs) };
  if (!asked) return { action, durationMs };
  return { action: asked.action, durationMs: asked.until === null ? null : asked.until - at };
}

const lasts = ({ durationMs }: Proposal): number => durationMs ?? Number.POSITIVE_INFINITY;
