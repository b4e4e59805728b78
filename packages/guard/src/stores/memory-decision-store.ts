// Decisions in this process's memory: the whole store when embedded, the mirror in front of a shared one otherwise.

import { prefixOf } from "../client/ip-prefix.ts";
import { type Decision, isActive, outranks } from "../decision.ts";
import type { Scope } from "../scopes.ts";
import { createDecisionPool } from "./decision-pool.ts";
import type { DecisionStore } from "./decision-store.ts";
import { createOffenceMemory } from "./offence-memory.ts";

export interface MemoryDecisionStoreOptions {
  /**
   * Decisions by rules that are held, and as many by feeds; above it, of the same origin, the one that ends soonest goes.
   * Those of admins are always kept. @default 100_000
   */
  readonly maxDecisions?: number;
}

export interface MemoryDecisionStore extends DecisionStore {
  /**
   * Takes in a decision that is kept elsewhere already: from a database at start, from another process later. Of one that has
   * ended at `at` only the offence is remembered, and one that has been removed here does not come back.
   * @returns whether it is held now and was not before
   */
  mirror(decision: Decision, at: number): boolean;
  /** The latest ids that have been removed here, each with its decision if that was held. */
  readonly removed: ReadonlyMap<string, Decision | undefined>;
}

/** Somebody else may still hold what was removed, and tell of it: as many removals are remembered. */
const mostRemoved = 10_000;

export function createMemoryDecisionStore(options: MemoryDecisionStoreOptions = {}): MemoryDecisionStore {
  const { maxDecisions = 100_000 } = options;
  /** In the order of their coming. */
  const byId = new Map<string, Decision>();
  const byTarget = new Map<Scope, Map<string, readonly Decision[]>>();
  /** Prefix lengths in use and how often, so that an address is looked up under those only. */
  const prefixLengths = new Map<number, number>();
  const pools = { rule: createDecisionPool(maxDecisions), feed: createDecisionPool(maxDecisions) };
  const offences = createOffenceMemory(maxDecisions);
  const removed = new Map<string, Decision | undefined>();

  function mirror(decision: Decision, at: number): boolean {
    if (byId.has(decision.id) || removed.has(decision.id)) return false;
    offences.add(decision);
    if (!isActive(decision, at)) return false;
    const gone = poolOf(decision)?.add(decision);
    if (gone) drop(gone);
    byId.set(decision.id, decision);
    const { scope, value } = decision;
    const ofScope = byTarget.get(scope) ?? new Map<string, readonly Decision[]>();
    byTarget.set(scope, ofScope.set(value, [...(ofScope.get(value) ?? []), decision]));
    if (decision.scope === "ip-prefix") countLength(decision, 1);
    return true;
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

  function remember(id: string, decision: Decision | undefined): void {
    removed.set(id, removed.get(id) ?? decision);
    if (removed.size <= mostRemoved) return;
    const [oldest] = removed.keys();
    if (oldest !== undefined) removed.delete(oldest);
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
    removed,
    async add(decision) {
      mirror(decision, decision.createdAt);
    },
    async remove(id) {
      const decision = byId.get(id);
      remember(id, decision);
      if (!decision) return undefined;
      drop(decision);
      offences.remove(decision);
      return decision;
    },
    // Those from elsewhere do not come in the order of their making.
    list: (at) =>
      [...byId.values()]
        .filter((decision) => isActive(decision, at))
        .reverse()
        .sort((one, other) => other.createdAt - one.createdAt),
    offences: offences.count,
  };
}
