// Password guessing from one source: failed sign-ins of one address, of one address against one account, of one known device.

import type { Evidence } from "../detection.ts";
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

/** An address of good repute has more tries in all, and no more at one account: whoever makes them is blocked from that account. */
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
const wrong = ({ type }: ScopedSignal, result: WindowResult): boolean =>
  type === "sign-in-attempt" ? !result.admitted : reached(result) || result.share?.crossed === true;

const reached = ({ crossed, burst }: WindowResult): boolean => crossed || burst?.crossed === true;

function judgement(signal: ScopedSignal, settings: RuleSettings, result: WindowResult): Judgement {
  const scope = countedOf(signal);
  const source = { scope, value: scopeValue(signal, scope) as string };
  if (signal.type === "sign-in-attempt") {
    const evidence = isFull(settings, result)
      ? sourceEvidence(settings, result)
      : shareEvidence(settings, result);
    return { kind: "over", finding: { ...source, evidence }, freeAt: signal.at + retryMs };
  }
  if (reached(result))
    return { kind: "detected", finding: { ...source, evidence: sourceEvidence(settings, result) } };
  // Nobody else behind the address has anything to do with it.
  const both = scopeValue(signal, "account+ip");
  const where = both === undefined ? source : ({ scope: "account+ip", value: both } as const);
  return { kind: "detected", finding: { ...where, evidence: shareEvidence(settings, result) } };
}

/** Whether the source has no place left, for whatever account. */
const isFull = (settings: RuleSettings, { count, burst, share }: WindowResult): boolean =>
  !share || count >= sustainedOf(settings).threshold || (burst?.count ?? 0) >= settings.threshold;

const sourceEvidence = (settings: RuleSettings, { count, burst }: WindowResult): Evidence =>
  evidenceOf(settings, count, burst?.count ?? 0);

function evidenceOf(settings: RuleSettings, count: number, inBurst: number): Evidence {
  const { threshold, windowMs } = settings;
  return inBurst >= threshold ? { count: inBurst, threshold, windowMs } : { count, ...sustainedOf(settings) };
}

function shareEvidence(settings: RuleSettings, { share }: WindowResult): Evidence {
  const own = { ...settings, threshold: settings.accountThreshold ?? settings.threshold };
  const { count = 0, inBurst = 0 } = share ?? {};
  return {
    ...evidenceOf(own, count, inBurst),
    what: "one-account",
  };
}

function operationsOf(
  { type, at, id, account: tag }: ScopedSignal,
  burst: RuleSettings,
  scope: Scope,
  value: string,
): WindowOperation[] {
  const { threshold, windowMs } = sustainedOf(burst);
  const perTag = perAccount(burst);
  switch (type) {
    case "sign-in-attempt": {
      const limit = threshold;
      return [
        { kind: "reserve", scope, value, window: attempts, at, windowMs, limit, burst, id, tag, perTag },
      ];
    }
    case "sign-in-failure": {
      const limit = limitOf({ threshold });
      const target = { scope, value, window: failures, at, windowMs } as const;
      return [{ kind: "count", ...target, limit, threshold, burst, id, tag, perTag }];
    }
    default: {
      const release = { kind: "release", scope, value, window: attempts, id: id ?? "" } as const;
      if (type === "sign-in-abandoned" || tag === undefined) return id === undefined ? [] : [release];
      // Only this account's failures from this source: an attacker's own account must not wipe out his guesses at others.
      const clearAttempts = { kind: "clear", scope, value, window: attempts, tag } as const;
      const clearFailures = { kind: "clear", scope, value, window: failures, tag } as const;
      return id === undefined ? [clearAttempts, clearFailures] : [release, clearAttempts, clearFailures];
    }
  }
}
