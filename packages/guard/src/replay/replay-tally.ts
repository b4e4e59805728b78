// What a replay has found so far: detections by rule, and how many different values were blocked.

import type { Action } from "../decision.ts";
import type { Detection, Severity } from "../detection.ts";
import type { SecurityEvent } from "../event.ts";
import type { Scope } from "../scopes.ts";

export interface ReplayDetection {
  readonly rule: string;
  readonly at: number;
  readonly scope: Scope;
  /** For accounts: a hash that is the same in every replay, never the name. */
  readonly value: string;
  readonly severity: Severity;
  /** What the rule did about it: `record` in `monitor`, or because that is its response. */
  readonly response: Action | "record";
  /** End of what it did, milliseconds since 1970. */
  readonly until: number | null;
  readonly evidence: Detection["evidence"];
}

/** `ip` is there even when it is 0. */
export type BlockedValues = { readonly ip: number } & Readonly<Partial<Record<Scope, number>>>;

export interface ReplayTally {
  add(event: SecurityEvent): void;
  detections(): Record<string, number>;
  blocked(): BlockedValues;
}

/** Blocked values that are told apart in each scope; later ones are counted each time. */
const maxValues = 100_000;

export function createReplayTally(onDetection: (detection: ReplayDetection) => void): ReplayTally {
  const byRule = new Map<string, number>();
  const byScope = new Map<Scope, { values: Set<string>; count: number }>([
    ["ip", { values: new Set(), count: 0 }],
  ]);

  function countBlocked(scope: Scope, value: string): void {
    const known = byScope.get(scope) ?? { values: new Set(), count: 0 };
    byScope.set(scope, known);
    if (known.values.has(value)) return;
    known.count++;
    if (known.values.size < maxValues) known.values.add(value);
  }

  return {
    add({ detections, decision }) {
      for (const { rule, at, scope, value, severity, evidence } of detections) {
        byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
        const own = decision?.rule === rule ? decision : undefined;
        const response = own?.action ?? "record";
        onDetection({ rule, at, scope, value, severity, response, until: own?.until ?? null, evidence });
        // A wait keeps nobody out whom the account knows.
        if (own?.action === "block") countBlocked(own.scope, own.value);
      }
    },
    detections: () => Object.fromEntries(byRule),
    blocked: () =>
      Object.fromEntries([...byScope].map(([scope, { count }]) => [scope, count])) as BlockedValues,
  };
}
