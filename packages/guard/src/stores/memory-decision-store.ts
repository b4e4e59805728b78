// Decisions in this process's memory: the whole store when embedded, the mirror in front of a shared one otherwise.

import { LRUCache } from "lru-cache";
import { prefixOf } from "../client/ip-prefix.ts";
import { type Decision, isActive, outranks } from "../decision.ts";
import type { Scope } from "../scopes.ts";
import { createDecisionPool } from "./decision-pool.ts";
import { type DecisionStore, offenceMemoryMs } from "./decision-store.ts";

export interface MemoryDecisionStoreOptions {
  /**
   * Decisions by rules that are held, and as many by feeds; above it, of the same origin, the one that ends soonest goes.
   * Those of admins are always kept. @default 100_000
   */
  readonly maxDecisions?: number;
}

interface Offences {
  count: number;
  /** When the last of these blocks ends. */
  until: number;
}

export interface MemoryDecisionStore extends DecisionStore {
  /** Takes in a decision that is kept elsewhere already: from a database at start, from another process later. */
  mirror(decision: Decision): void;
}

export function createMemoryDecisionStore(options: MemoryDecisionStoreOptions = {}): MemoryDecisionStore {
  const { maxDecisions = 100_000 } = options;
  /** In the order of their making. */
  const byId = new Map<string, Decision>();
  const byTarget = new Map<Scope, Map<string, readonly Decision[]>>();
  /** Prefix lengths in use and how often, so that an address is looked up under those only. */
  const prefixLengths = new Map<number, number>();
  const pools = { rule: createDecisionPool(maxDecisions), feed: createDecisionPool(maxDecisions) };
  // With `max` alone it would take the room for all of them at once, some 3 MB.
  const offences = new LRUCache<string, Offences>({ maxSize: maxDecisions, sizeCalculation: () => 1 });

  function mirror(decision: Decision): void {
    if (byId.has(decision.id)) return;
    const gone = poolOf(decision)?.add(decision);
    if (gone) drop(gone);
    byId.set(decision.id, decision);
    const { scope, value } = decision;
    const ofScope = byTarget.get(scope) ?? new Map<string, readonly Decision[]>();
    byTarget.set(scope, ofScope.set(value, [...(ofScope.get(value) ?? []), decision]));
    if (decision.scope === "ip-prefix") countLength(decision, 1);
    if (isOffence(decision)) {
      const key = targetKey(scope, value);
      const before = offencesOf(key, decision.createdAt);
      offences.set(key, { count: before + 1, until: decision.until });
    }
  }

  function drop(decision: Decision): void {
    byId.delete(decision.id);
    poolOf(decision)?.delete(decision);
    const { scope, value } = decision;
    const ofScope = byTarget.get(scope);
    const left = ofScope?.get(value)?.filter((one) => one !== decision) ?? [];
    if (left.length > 0) ofScope?.set(value, left);
    else ofScope?.delete(value);
    if (ofScope?.size === 0) byTarget.delete(scope);
    if (decision.scope === "ip-prefix") countLength(decision, -1);
  }

  const poolOf = ({ origin }: Decision) => (origin === "admin" ? undefined : pools[origin]);

  function countLength(decision: Decision, step: 1 | -1): void {
    const length = Number(decision.value.slice(decision.value.indexOf("/") + 1));
    const users = (prefixLengths.get(length) ?? 0) + step;
    if (users > 0) prefixLengths.set(length, users);
    else prefixLengths.delete(length);
  }

  function offencesOf(key: string, at: number): number {
    const found = offences.get(key);
    return found && found.until + offenceMemoryMs > at ? found.count : 0;
  }

  function find(scope: Scope, value: string, at: number): Decision | undefined {
    let strongest: Decision | undefined;
    for (const decision of byTarget.get(scope)?.get(value) ?? []) {
      if (!isActive(decision, at)) drop(decision);
      else if (!strongest || outranks(decision, strongest)) strongest = decision;
    }
    return strongest;
  }

  return {
    name: "memory",
    mirror,
    find,
    findPrefix(ip, at) {
      let strongest: Decision | undefined;
      for (const length of prefixLengths.keys()) {
        const prefix = prefixOf(ip, length);
        const found = prefix === undefined ? undefined : find("ip-prefix", prefix, at);
        if (found && (!strongest || outranks(found, strongest))) strongest = found;
      }
      return strongest;
    },
    async add(decision) {
      mirror(decision);
    },
    async remove(id) {
      const decision = byId.get(id);
      if (!decision) return undefined;
      drop(decision);
      const found = offences.get(targetKey(decision.scope, decision.value));
      if (isOffence(decision) && found) found.count = Math.max(0, found.count - 1);
      return decision;
    },
    list: (at) => [...byId.values()].filter((decision) => isActive(decision, at)).reverse(),
    offences: (scope, value, at) => offencesOf(targetKey(scope, value), at),
  };
}

const targetKey = (scope: Scope, value: string): string => `${scope} ${value}`;

const isOffence = (decision: Decision): decision is Decision & { until: number } =>
  decision.origin === "rule" && decision.action === "block" && decision.until !== null;
