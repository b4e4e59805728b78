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

const silence: Gathered = { operations: [], judge: () => [] };

function gather(signal: ScopedSignal, listeners: readonly Listener[]): Gathered {
  const [only, second] = listeners;
  if (!only) return silence;
  if (!second) return gatherOne(signal, only);
  const operations: WindowOperation[] = [];
  // For each listener, the places of its operations among all.
  const places = listeners.map(({ rule, settings }) =>
    rule.observe(signal, settings).map((operation) => placeOf(operations, operation)),
  );
  return {
    operations,
    judge(results) {
      const verdicts: Verdict[] = [];
      listeners.forEach((listener, index) => {
        const own = (places[index] as number[]).map((place) => results[place] as WindowResult);
        judgeOne(signal, listener, own, verdicts);
      });
      return verdicts;
    },
  };
}

/** Most signals have one listener: nothing to merge, nothing to deal out. */
function gatherOne(signal: ScopedSignal, listener: Listener): Gathered {
  return {
    operations: listener.rule.observe(signal, listener.settings),
    judge: (results) => judgeOne(signal, listener, results, []),
  };
}

function judgeOne(
  signal: ScopedSignal,
  listener: Listener,
  results: readonly WindowResult[],
  verdicts: Verdict[],
) {
  const { rule, settings } = listener;
  const judgement = results.length > 0 ? rule.judge(signal, results, settings) : undefined;
  if (judgement) verdicts.push({ rule, settings, judgement });
  return verdicts;
}

/** Adds the operation unless another rule asked for the very same one. */
function placeOf(operations: WindowOperation[], operation: WindowOperation): number {
  const same = operations.findIndex((other) => sameOperation(other, operation));
  return same >= 0 ? same : operations.push(operation) - 1;
}

function sameOperation(one: WindowOperation, other: WindowOperation): boolean {
  if (one.kind !== other.kind || one.scope !== other.scope || one.value !== other.value) return false;
  const keys = Object.keys(one) as (keyof WindowOperation)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
