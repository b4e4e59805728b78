// The plan: which rules listen to which signal, their operations gathered for one store call, their answers dealt out again.

import type { Judgement, Rule, RuleSettings } from "./rule.ts";
import { type ScopedSignal, type SignalType, signalTypes } from "./signal.ts";
import type { WindowOperation, WindowResult } from "./stores/window-store.ts";

export interface Verdict {
  readonly rule: Rule;
  readonly settings: RuleSettings;
  readonly judgement: Judgement;
}

export interface Gathered {
  readonly operations: readonly WindowOperation[];
  /** @param results in the order of `operations` */
  judge(results: readonly WindowResult[]): Verdict[];
}

export interface Plan {
  needsPlace(type: SignalType): boolean;
  gather(signal: ScopedSignal): Gathered;
}

interface Listener {
  readonly rule: Rule;
  readonly settings: RuleSettings;
}

export function createPlan(rules: readonly Rule[], settings: ReadonlyMap<string, RuleSettings>): Plan {
  const listeners = new Map<SignalType, Listener[]>();
  for (const type of signalTypes) {
    const listening = rules.filter((rule) => rule.listensTo.includes(type));
    listeners.set(
      type,
      listening.map((rule) => ({ rule, settings: settings.get(rule.id) ?? rule.defaults })),
    );
  }
  const placeTypes = new Set(rules.flatMap((rule) => rule.needsPlace ?? []));
  return {
    needsPlace: (type) => placeTypes.has(type),
    gather: (signal) => gather(signal, listeners.get(signal.type) ?? []),
  };
}

/** A rule that counts something about the signal at hand. */
interface Asked extends Listener {
  readonly operations: readonly WindowOperation[];
}

const silence: Gathered = { operations: [], judge: () => [] };

function gather(signal: ScopedSignal, listeners: readonly Listener[]): Gathered {
  const asked: Asked[] = [];
  for (const { rule, settings } of listeners) {
    const operations = rule.observe(signal, settings);
    if (operations.length > 0) asked.push({ rule, settings, operations });
  }
  const [only, second] = asked;
  if (!only) return silence;
  return second ? merge(signal, asked) : gatherOne(signal, only);
}

/** Several rules count something: what they ask alike is asked once, and each gets its own answers back. */
function merge(signal: ScopedSignal, asked: readonly Asked[]): Gathered {
  const operations: WindowOperation[] = [];
  // The places of every rule's operations among all, one rule after the other.
  const places: number[] = [];
  for (const one of asked) {
    const others = operations.length;
    for (const operation of one.operations) places.push(placeOf(operations, operation, others));
  }
  return {
    operations,
    judge(results) {
      const verdicts: Verdict[] = [];
      let next = 0;
      for (const one of asked) {
        const own = one.operations.map(() => results[places[next++] as number] as WindowResult);
        judgeOne(signal, one, own, verdicts);
      }
      return verdicts;
    },
  };
}

/** Most signals are counted by one rule: nothing to merge, nothing to deal out. */
function gatherOne(signal: ScopedSignal, asked: Asked): Gathered {
  return {
    operations: asked.operations,
    judge: (results) => judgeOne(signal, asked, results, []),
  };
}

function judgeOne(
  signal: ScopedSignal,
  { rule, settings }: Listener,
  results: readonly WindowResult[],
  verdicts: Verdict[],
) {
  const judgement = rule.judge(signal, results, settings);
  if (judgement) verdicts.push({ rule, settings, judgement });
  return verdicts;
}

/** Adds the operation unless it is the very same as one of the first `others`, which other rules asked for. */
function placeOf(operations: WindowOperation[], operation: WindowOperation, others: number): number {
  for (let i = 0; i < others; i++) if (sameOperation(operations[i] as WindowOperation, operation)) return i;
  return operations.push(operation) - 1;
}

function sameOperation(one: WindowOperation, other: WindowOperation): boolean {
  if (one.kind !== other.kind || one.scope !== other.scope || one.value !== other.value) return false;
  const keys = Object.keys(one) as (keyof WindowOperation)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
