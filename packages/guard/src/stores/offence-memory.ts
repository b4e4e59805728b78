// How often rules have blocked a scope/value lately, so that the next block is longer.

import { LRUCache } from "lru-cache";
import type { Decision } from "../decision.ts";
import type { Scope } from "../scopes.ts";
import { offenceMemoryMs } from "./decision-store.ts";

export interface OffenceMemory {
  /** Counts a block, once however often it is told of: the same one may come from several places. */
  add(decision: Decision): void;
  remove(decision: Decision): void;
  count(scope: Scope, value: string, at: number): number;
}

interface Offences {
  /** Of the blocks, the latest last. */
  ids: readonly string[];
  /** When the last of them ends. */
  until: number;
}

/** A block doubles with each offence and is at its longest before that many. */
const mostCounted = 30;

/** @param max scope/values that are remembered; above it, the one that was touched longest ago goes */
export function createOffenceMemory(max: number): OffenceMemory {
  // With `max` alone it would take the room for all of them at once, some 3 MB.
  const offences = new LRUCache<string, Offences>({ maxSize: max, sizeCalculation: () => 1 });

  function lasting(key: string, at: number): Offences | undefined {
    const found = offences.get(key);
    return found && found.until + offenceMemoryMs > at ? found : undefined;
  }

  return {
    add(decision) {
      if (!isOffence(decision)) return;
      const key = keyOf(decision.scope, decision.value);
      const before = lasting(key, decision.createdAt);
      if (before?.ids.includes(decision.id)) return;
      const ids = [...(before?.ids ?? []), decision.id].slice(-mostCounted);
      offences.set(key, { ids, until: Math.max(before?.until ?? 0, decision.until) });
    },
    remove({ scope, value, id }) {
      const found = offences.get(keyOf(scope, value));
      if (found) found.ids = found.ids.filter((one) => one !== id);
    },
    count: (scope, value, at) => lasting(keyOf(scope, value), at)?.ids.length ?? 0,
  };
}

const keyOf = (scope: Scope, value: string): string => `${scope} ${value}`;

const isOffence = (decision: Decision): decision is Decision & { until: number } =>
  decision.origin === "rule" && decision.action === "block" && decision.until !== null;
