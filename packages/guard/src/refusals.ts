// Refusals of blocked clients, summed up: a flood becomes few events for each decision, not one for each request.

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
  /**
   * Hands over what was summed and is due. The first sum of a decision is due at once, and while refusals go on the next one after two
   * calls, then after four, and so on up to 16: a flood from ten thousand blocked addresses would fill the events otherwise.
   */
  take(): RefusalSum[];
  /** Hands over what is there, due or not. */
  takeAll(): RefusalSum[];
}

export interface RefusalLimits {
  /** Decisions summed at a time; refusals by further ones stay out of the events. @default 10_000 */
  readonly maxDecisions?: number;
  /** Decisions of which it is known when the next sum is due; of further ones it is due at the next call. @default 50_000 */
  readonly maxPauses?: number;
}

interface Pause {
  readonly calls: number;
  /** The call that ends it. */
  readonly end: number;
}

const longestPause = 16;

export function createRefusalSummary(limits: RefusalLimits = {}): RefusalSummary {
  const { maxDecisions = 10_000, maxPauses = 50_000 } = limits;
  const sums = new Map<string, RefusalSum>();
  const pauses = new Map<string, Pause>();
  let call = 0;
  /** For want of a place, which those that wait have to give up then. */
  let isOneLeftOut = false;

  function takeOut(id: string, sum: RefusalSum): RefusalSum {
    sums.delete(id);
    const calls = Math.min(2 * (pauses.get(id)?.calls ?? 1), longestPause);
    if (pauses.has(id) || pauses.size < maxPauses) pauses.set(id, { calls, end: call + calls });
    return sum;
  }

  return {
    add(signal, decision) {
      const sum = sums.get(decision.id);
      if (sum) {
        sum.count++;
        sum.signal = signal;
      } else if (sums.size < maxDecisions) {
        sums.set(decision.id, { decision, signal, since: signal.at, count: 1 });
      } else {
        isOneLeftOut = true;
      }
    },
    take() {
      call++;
      // Who was quiet for as long begins anew.
      for (const [id, { end }] of pauses) if (end <= call && !sums.has(id)) pauses.delete(id);
      const due = [...sums].filter(([id]) => isOneLeftOut || (pauses.get(id)?.end ?? 0) <= call);
      isOneLeftOut = false;
      return due.map(([id, sum]) => takeOut(id, sum));
    },
    takeAll() {
      const all = [...sums.values()];
      sums.clear();
      return all;
    },
  };
}
