// A bounded set of decisions: when it is full, the one that ends soonest makes room.

import TinyQueue from "tinyqueue";
import type { Decision } from "../decision.ts";

export interface DecisionPool {
  /** Takes a decision in. @returns the one that had to make room for it */
  add(decision: Decision): Decision | undefined;
  delete(decision: Decision): void;
}

/** Decisions that have left may stay in the queue until there are more of them than this and than those that are in. */
const fewestLeft = 1024;

export function createDecisionPool(maxDecisions: number): DecisionPool {
  const held = new Set<Decision>();
  let queue = new TinyQueue<Decision>([], byEnd);

  function takeSoonest(): Decision | undefined {
    for (let first = queue.pop(); first; first = queue.pop()) if (held.delete(first)) return first;
    return undefined;
  }

  return {
    add(decision) {
      // Before the new one is in: whoever is attacking right now is blocked, however long the blocks of others are.
      const gone = held.size >= maxDecisions ? takeSoonest() : undefined;
      held.add(decision);
      queue.push(decision);
      return gone;
    },
    delete(decision) {
      held.delete(decision);
      if (queue.length - held.size > Math.max(fewestLeft, held.size)) queue = new TinyQueue([...held], byEnd);
    },
  };
}

const byEnd = (one: Decision, other: Decision): number => endOf(one) - endOf(other);
const endOf = ({ until }: Decision): number => until ?? Number.MAX_SAFE_INTEGER;
