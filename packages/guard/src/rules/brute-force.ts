// Password guessing from one source: failed sign-ins of one address, of one address against one account, of one known device.

import type { Judgement, Rule, RuleSettings } from "../rule.ts";
import { limitOf } from "../rule.ts";
import type { Scope } from "../scopes.ts";
import { knownDevice, type ScopedSignal, scopeValue } from "../signal.ts";
import type { PerTag, WindowOperation, WindowResult } from "../stores/window-store.ts";

/**
 * An attempt takes a place before its password is checked, so guesses sent side by side cannot all slip through before the
 * first failure is counted. Places taken by successes are given back; those of failures stay for the window.
 */
const attempts = "brute-force.attempts";
const failures = "brute-force.failures";

/**
 * A known device is counted apart, whatever its address, so that neither spends the other's tries. What one account suffers
 * from one address is part of the address's count, found again by its tag: it can never be the first to reach a threshold.
 */
const countedOf = (signal: ScopedSignal): Scope => (knownDevice(signal) === undefined ? "ip" : "device");

/** Who knows the window guesses just too slowly for it. Twice as many in six times as long is a third of that pace. */
const sustainedOf = ({ threshold, windowMs }: RuleSettings) => ({
  threshold: threshold * 2,
  windowMs: windowMs * 6,
});

/** An address of good repute has more tries in all, and no more at one account. */
const perAccount = ({ accountThreshold }: RuleSettings): PerTag | undefined =>
  accountThreshold === undefined
    ? undefined
    : { limit: accountThreshold * 2, burstThreshold: accountThreshold };

/** An attempt that found no place may try again soon: most places are held by attempts that are just being checked. */
const retryMs = 1000;

export const bruteForce: Rule = {
  id: "brute-force",
  summary:
    "Too many failed sign-ins from one address, from one address against one account, or on one known device.",
  severity: "high",
  confidence: "high",
  attack: "T1110.001",
  owasp: "authn_login_fail_max",
  defaults: {
    mode: "enforce",
    threshold: 5,
    windowMs: 5 * 60_000,
    response: { action: "block", scope: "ip", durationMs: 60 * 60_000 },
  },
  followsReputation: true,
  listensTo: ["sign-in-attempt", "sign-in-failure", "sign-in-success", "sign-in-abandoned"],

  limits(burst) {
    const lasting = sustainedOf(burst);
    return [attempts, failures].flatMap((window) => [
      { window, threshold: burst.threshold, windowMs: burst.windowMs },
      { window, ...lasting },
    ]);
  },

  observe(signal, settings) {
    const scope = countedOf(signal);
    return operationsOf(signal, settings, scope, scopeValue(signal, scope) as string);
  },

  judge(signal, [result], settings) {
    if (signal.type !== "sign-in-attempt" && signal.type !== "sign-in-failure") return undefined;
    return result && wrong(signal, result) ? judgement(signal, settings, result) : undefined;
  },
};

/** An attempt is wrong when it finds no place, a failure when it reaches a threshold. */
const wrong = ({ type }: ScopedSignal, { admitted, crossed, burst }: WindowResult): boolean =>
  type === "sign-in-attempt" ? !admitted : crossed || burst?.crossed === true;

function judgement(signal: ScopedSignal, settings: RuleSettings, { count, burst }: WindowResult): Judgement {
  const { threshold, windowMs, accountThreshold } = settings;
  const sustained = sustainedOf(settings);
  const evidence =
    burst && burst.count >= threshold
      ? { count: burst.count, threshold, windowMs }
      : accountThreshold !== undefined && count < sustained.threshold
        ? { count: accountThreshold, threshold: accountThreshold, windowMs, what: "one-account" }
        : { count, ...sustained };
  const scope = countedOf(signal);
  const finding = { scope, value: scopeValue(signal, scope) as string, evidence };
  if (signal.type === "sign-in-attempt") return { kind: "over", finding, freeAt: signal.at + retryMs };
  return { kind: "detected", finding };
}

function operationsOf(
  { type, at, id, account: tag }: ScopedSignal,
  burst: RuleSettings,
  scope: Scope,
  value: string,
): WindowOperation[] {
  const { threshold, windowMs } = sustainedOf(burst);
  switch (type) {
    case "sign-in-attempt": {
      const limit = threshold;
      const perTag = perAccount(burst);
      return [
        { kind: "reserve", scope, value, window: attempts, at, windowMs, limit, burst, id, tag, perTag },
      ];
    }
    case "sign-in-failure": {
      const limit = limitOf({ threshold });
      return [
        { kind: "count", scope, value, window: failures, at, windowMs, limit, threshold, burst, id, tag },
      ];
    }
    default: {
      const operations: WindowOperation[] = [];
      if (id !== undefined) operations.push({ kind: "release", scope, value, window: attempts, id });
      if (type === "sign-in-abandoned" || tag === undefined) return operations;
      // Only this account's failures from this source: an attacker's own account must not wipe out his guesses at others.
      for (const window of [attempts, failures])
        operations.push({ kind: "clear", scope, value, window, tag });
      return operations;
    }
  }
}
