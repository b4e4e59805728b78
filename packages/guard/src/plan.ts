// The plan: which rules listen to which signal, their operations gathered for one store call, their answers dealt out again.

import type { Judgement, Rule, RuleSettings } from "./rule.ts";
import { type ScopedSignal, type SignalType, signalTypes } from "./signal.ts";
import type { WindowOperation, WindowResult } from "./stores/window-store.ts";

export interface Verdict {
  readonly rule: Rule;
  readonly settings: RuleSettings;
  readonly judgement: Judgement;
}

/** What is to be counted about a signal, and who asked for what of it. */
export interface Gathered {
  readonly signal: ScopedSignal;
  readonly operations: readonly WindowOperation[];
  readonly asked: readonly Asked[];
}

export interface Plan {
  needsPlace(type: SignalType): boolean;
  gather(signal: ScopedSignal): Gathered;
}

interface Listener {
  readonly rule: Rule;
  readonly settings: RuleSettings;
  readonly onError: (error: unknown) => void;
}

/** @param onError told of a rule that throws; it counts and finds nothing then, and the other rules go on */
export function createPlan(
  rules: readonly Rule[],
  settings: ReadonlyMap<string, RuleSettings>,
  onError: (error: unknown, where: string) => void,
): Plan {
  const listeners = new Map<SignalType, Listener[]>();
  for (const type of signalTypes) {
    const listening = rules.filter((rule) => rule.listensTo.includes(type));
    listeners.set(
      type,
      listening.map((rule) => ({
        rule,
        settings: settings.get(rule.id) ?? rule.defaults,
        onError: (error) => onError(error, `rule ${rule.id}`),
      })),
    );
  }
  const placeTypes = new Set(rules.flatMap((rule) => rule.needsPlace ?? []));
  return {
    needsPlace: (type) => placeTypes.has(type),
    gather: (signal) => gather(signal, listeners.get(signal.type) ?? []),
  };
}

/** A rule that counts something about the signal at hand, and the places of its operations among those of all. */
interface Asked {
  readonly listener: Listener;
  readonly first: number;
  readonly end: number;
  /** When an earlier rule has asked some of it already: the place of each. */
  readonly places: readonly number[] | undefined;
}

const noOperations: readonly WindowOperation[] = [];
const noneAsked: readonly Asked[] = [];
const noVerdicts: readonly Verdict[] = [];

/**
 * Several rules count something: what they ask alike is asked once, and each gets its own answers back. This runs for every
 * signal, so it makes no array with room to spare, and no function.
 */
function gather(signal: ScopedSignal, listeners: readonly Listener[]): Gathered {
  let operations = noOperations;
  let asked = noneAsked;
  for (const listener of listeners) {
    const own = observe(listener, signal);
    if (own.length === 0) continue;
    const places = sharesWith(operations, own) ? placesAmong(operations, own) : undefined;
    const first = operations.length;
    const added = places ? own.filter((_, index) => (places[index] as number) >= first) : own;
    operations = first === 0 ? added : operations.concat(added);
    const one = { listener, first, end: operations.length, places };
    asked = asked === noneAsked ? [one] : asked.concat(one);
  }
  return { signal, operations, asked };
}

/** @param results in the order of the operations */
export function judge({ signal, asked }: Gathered, results: readonly WindowResult[]): readonly Verdict[] {
  let verdicts = noVerdicts;
  for (const { listener, first, end, places } of asked) {
    const own = places
      ? places.map((place) => results[place] as WindowResult)
      : asked.length === 1
        ? results
        : results.slice(first, end);
    const judgement = judgementOf(listener, signal, own);
    if (judgement)
      verdicts = verdicts.concat({ rule: listener.rule, settings: listener.settings, judgement });
  }
  return verdicts;
}

function observe({ rule, settings, onError }: Listener, signal: ScopedSignal): readonly WindowOperation[] {
  try {
    return rule.observe(signal, settings);
  } catch (error) {
    onError(error);
    return noOperations;
  }
}

function judgementOf(
  { rule, settings, onError }: Listener,
  signal: ScopedSignal,
  results: readonly WindowResult[],
): Judgement | undefined {
  try {
    return rule.judge(signal, results, settings);
  } catch (error) {
    onError(error);
    return undefined;
  }
}

function sharesWith(before: readonly WindowOperation[], own: readonly WindowOperation[]): boolean {
  for (const operation of own) if (placeOf(before, operation) >= 0) return true;
  return false;
}

/** The place of each among those that earlier rules have asked for, or behind them. */
function placesAmong(before: readonly WindowOperation[], own: readonly WindowOperation[]): number[] {
  let next = before.length;
  return own.map((operation) => {
    const place = placeOf(before, operation);
    return place < 0 ? next++ : place;
  });
}

function placeOf(operations: readonly WindowOperation[], operation: WindowOperation): number {
  for (let i = 0; i < operations.length; i++)
    if (sameOperation(operations[i] as WindowOperation, operation)) return i;
  return -1;
}

function sameOperation(one: WindowOperation, other: WindowOperation): boolean {
  if (one.kind !== other.kind || one.scope !== other.scope || one.value !== other.value) return false;
  const keys = Object.keys(one) as (keyof WindowOperation)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
