// What is counted and decided about one scope/value, for whoever asks why.

import type { Breaker } from "./breaker.ts";
import type { Decision } from "./decision.ts";
import type { Explanation, GuardOptions } from "./guard.ts";
import { againstLimits, limitsOf } from "./limits.ts";
import { type IpLists, listed, listedNetwork } from "./listed.ts";
import type { Reputation } from "./reputation.ts";
import { countedUnder, normaliseScopeValue } from "./scope-value.ts";
import type { Scope } from "./scopes.ts";

interface ExplainOptions extends Pick<GuardOptions, "rules" | "windows" | "decisions" | "lists"> {
  readonly breaker: Pick<Breaker, "degraded">;
  readonly reputation: Pick<Reputation, "settingsFor" | "stateOf">;
}

export function createExplain(options: ExplainOptions) {
  const { rules, windows, decisions, lists, breaker, reputation } = options;
  /** Thresholds differ by reputation, lengths do not. */
  const lengths = limitsOf(rules, reputation.settingsFor(undefined));

  return async (scope: Scope, text: string, at: number): Promise<Explanation> => {
    const value = normaliseScopeValue(scope, text);
    const isAway = breaker.degraded() !== undefined;
    const asked = isAway ? (windows.insurance ?? windows) : windows;
    const [counted] = await asked.observe([{ kind: "peek", ...countedUnder(scope, value), at, lengths }]);
    const state = scope === "ip" ? reputation.stateOf(value, counted?.scored, isAway) : undefined;
    const prefix = scope === "ip" ? decisions.findPrefix(text, at) : undefined;
    const feed = lists && feedOf(lists, scope, scope === "ip" ? text : value, at);
    const taken = decisions
      .list(at)
      .filter((one) => one === prefix || (one.scope === scope && one.value === value))
      .concat(feed ?? []);
    return {
      scope,
      value,
      decisions: taken,
      offences: decisions.offences(scope, value, at),
      windows: againstLimits(counted?.windows ?? [], limitsOf(rules, reputation.settingsFor(state))),
      ...(state && { reputation: state }),
    };
  };
}

function feedOf(lists: IpLists, scope: Scope, value: string, at: number): Decision | undefined {
  if (scope === "ip") return listed(lists, value, at);
  return scope === "ip-prefix" ? listedNetwork(lists, value, at) : undefined;
}
