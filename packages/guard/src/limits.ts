// What is counted, set against what the rules allow: stores know counts only, and each rule states its own limits.

import type { Limit, Rule, RuleSettings } from "./rule.ts";
import type { WindowState } from "./stores/window-store.ts";

/** What a window holds, and what that stands against. */
export interface CountedWindow extends WindowState {
  /** The rule that counts it; absent when the guard no longer has that rule. */
  readonly rule?: string;
  /** Absent with the rule, when its settings have changed since, and for what is held to be looked at, whatever its number. */
  readonly threshold?: number;
}

interface RuleLimit extends Limit {
  readonly rule: string;
}

export function limitsOf(
  rules: readonly Rule[],
  settings: ReadonlyMap<string, RuleSettings>,
): readonly RuleLimit[] {
  return rules.flatMap((rule) =>
    rule.limits(settings.get(rule.id) ?? rule.defaults).map((limit) => ({ ...limit, rule: rule.id })),
  );
}

/** In the order of the rules, whichever order the store has them in; what no rule counts any more comes last. */
export function againstLimits(
  windows: readonly WindowState[],
  limits: readonly RuleLimit[],
): readonly CountedWindow[] {
  const placeOf = ({ window }: WindowState) => {
    const place = limits.findIndex((limit) => limit.window === window);
    return place < 0 ? limits.length : place;
  };
  return windows
    .toSorted((one, other) => placeOf(one) - placeOf(other))
    .map((counted) => {
      const own = limits.filter((limit) => limit.window === counted.window);
      const threshold = own.find((limit) => limit.windowMs === counted.windowMs)?.threshold;
      return {
        ...counted,
        ...(own[0] && { rule: own[0].rule }),
        ...(threshold !== undefined && { threshold }),
      };
    });
}
