// While the window store is away: rules that are insured count in this process, some let everything pass, some refuse.

import { createPlan, judge, type Verdict } from "./plan.ts";
import type { Rule, RuleSettings } from "./rule.ts";
import type { ScopedSignal } from "./signal.ts";
import type { WindowOperation, WindowStore } from "./stores/window-store.ts";

interface OutageOptions {
  readonly rules: readonly Rule[];
  readonly settings: ReadonlyMap<string, RuleSettings>;
  readonly insurance: WindowStore | undefined;
  /** Of each threshold, above 0 and at most 1. */
  readonly share: number;
  readonly onError: (error: unknown, where: string) => void;
}

export interface OutagePlan {
  /** What the insured rules find; `refused` when a rule that refuses, or has no insurance, would have counted the signal. */
  count(signal: ScopedSignal): readonly Verdict[] | Promise<readonly Verdict[]> | "refused";
  /**
   * Takes out what a signal ends, wherever else that is done: an attempt may have been counted here because one call failed, and
   * the store be asked again when its outcome is known. Nobody waits for it.
   */
  takeOut(signal: ScopedSignal): void;
}

/** They count nothing. */
const takesOut: ReadonlySet<string> = new Set([
  "release",
  "clear",
  "end-row",
] satisfies WindowOperation["kind"][]);

export function createOutagePlan({ rules, settings, insurance, share, onError }: OutageOptions): OutagePlan {
  const outageOf = (rule: Rule) => {
    const asked = settings.get(rule.id)?.outage ?? "insurance";
    return asked === "insurance" && !insurance ? "refuse" : asked;
  };
  const scaled = new Map(
    [...settings].map(([id, own]) => [
      id,
      { ...own, threshold: Math.max(1, Math.floor(own.threshold * share)) },
    ]),
  );
  const planOf = (outage: string, own: typeof settings) =>
    createPlan(
      rules.filter((rule) => outageOf(rule) === outage),
      own,
      onError,
    );
  const refusing = planOf("refuse", settings);
  const insured = planOf("insurance", scaled);
  /** Whether anything has ever been counted here: until then there is nothing to take out. */
  let isUsed = false;

  return {
    count(signal) {
      if (refusing.gather(signal).operations.length > 0) return "refused";
      const gathered = insured.gather(signal);
      if (!insurance || gathered.operations.length === 0) return [];
      isUsed = true;
      const answer = insurance.observe(gathered.operations);
      return answer instanceof Promise
        ? answer.then((results) => judge(gathered, results))
        : judge(gathered, answer);
    },

    takeOut(signal) {
      if (insurance && isUsed) void takeOutOf(insurance, signal);
    },
  };

  async function takeOutOf(windows: WindowStore, signal: ScopedSignal): Promise<void> {
    const operations = insured.gather(signal).operations.filter(({ kind }) => takesOut.has(kind));
    try {
      if (operations.length > 0) await windows.observe(operations);
    } catch (error) {
      onError(error, "insurance");
    }
  }
}
