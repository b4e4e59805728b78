// Refusals of blocked clients, summed up: a flood becomes one event for each decision and interval, not one for each request.

import type { Decision } from "./decision.ts";
import type { ScopedSignal } from "./signal.ts";

export interface RefusalSum {
  readonly decision: Decision;
  /** The latest signal refused. */
  signal: ScopedSignal;
  readonly since: number;
  count: number;
}

export interface RefusalSummary {
  add(signal: ScopedSignal, decision: Decision): void;
  /** Hands over what was summed so far and starts anew. */
  take(): RefusalSum[];
}

/** @param maxDecisions decisions summed at a time; refusals by further ones stay out of the events @default 10_000 */
export function createRefusalSummary(maxDecisions = 10_000): RefusalSummary {
  let sums = new Map<string, RefusalSum>();
  return {
    add(signal, decision) {
      const sum = sums.get(decision.id);
      if (sum) {
        sum.count++;
        sum.signal = signal;
      } else if (sums.size < maxDecisions) {
        sums.set(decision.id, { decision, signal, since: signal.at, count: 1 });
      }
    },
    take() {
      const taken = [...sums.values()];
      sums = new Map();
      return taken;
    },
  };
}
