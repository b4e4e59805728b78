// Password guessing from one source: failed sign-ins of one address, and of one address against one account.

import type { Judgement, Rule, RuleSettings } from "../rule.ts";
import { limitOf } from "../rule.ts";
import type { Scope } from "../scopes.ts";
import type { ScopedSignal } from "../signal.ts";
import type { WindowOperation, WindowResult } from "../stores/window-store.ts";

/**
 * An attempt takes a place before its password is checked, so guesses sent side by side cannot all slip through before the
 * first failure is counted. Places taken by successes are given back; those of failures stay for the window.
 */
const attempts = "brute-force.attempts";
const failures = "brute-force.failures";

/** An attempt that found no place may try again soon: most places are held by attempts that are just being checked. */
const retryMs = 1000;

export const bruteForce: Rule = {
  id: "brute-force",
  summary: "Too many failed sign-ins from one address, or from one address against one account.",
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
  listensTo: ["sign-in-attempt", "sign-in-failure", "sign-in-success", "sign-in-abandoned"],

  observe(signal, settings) {
    const { ipValue, accountIpValue } = signal;
    const operations: WindowOperation[] = [];
    addOperations(operations, signal, settings, "ip", ipValue);
    if (accountIpValue !== undefined)
      addOperations(operations, signal, settings, "account+ip", accountIpValue);
    return operations;
  },

  judge(signal, [ip, accountIp], settings) {
    // The wider source first: its block covers the narrower one.
    if (wrong(signal, ip)) return judgement(signal, settings, "ip", signal.ipValue, ip);
    if (!wrong(signal, accountIp) || signal.accountIpValue === undefined) return undefined;
    return judgement(signal, settings, "account+ip", signal.accountIpValue, accountIp);
  },
};

/** An attempt is wrong when it finds no place, a failure when it reaches the threshold. */
function wrong(signal: ScopedSignal, result: WindowResult | undefined): result is WindowResult {
  if (!result) return false;
  if (signal.type === "sign-in-attempt") return !result.admitted;
  return signal.type === "sign-in-failure" && result.crossed;
}

function judgement(
  signal: ScopedSignal,
  settings: RuleSettings,
  scope: Scope,
  value: string,
  result: WindowResult,
): Judgement {
  const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
  const finding = { scope, value, evidence };
  if (signal.type === "sign-in-attempt") return { kind: "over", finding, freeAt: signal.at + retryMs };
  return { kind: "detected", finding };
}

function addOperations(
  operations: WindowOperation[],
  signal: ScopedSignal,
  settings: RuleSettings,
  scope: Scope,
  value: string,
): void {
  const { at, id, account: tag } = signal;
  const { threshold, windowMs } = settings;
  switch (signal.type) {
    case "sign-in-attempt":
      operations.push({
        kind: "reserve",
        scope,
        value,
        window: attempts,
        at,
        windowMs,
        limit: threshold,
        id,
        tag,
      });
      return;
    case "sign-in-failure": {
      const limit = limitOf(settings);
      operations.push({
        kind: "count",
        scope,
        value,
        window: failures,
        at,
        windowMs,
        limit,
        threshold,
        id,
        tag,
      });
      return;
    }
    case "sign-in-abandoned":
      operations.push({ kind: "release", scope, value, window: attempts, id });
      return;
    case "sign-in-success":
      operations.push({ kind: "release", scope, value, window: attempts, id });
      if (tag === undefined) return;
      // Only this account's failures from this source: an attacker's own account must not wipe out his guesses at others.
      operations.push({ kind: "clear", scope, value, window: attempts, tag });
      operations.push({ kind: "clear", scope, value, window: failures, tag });
  }
}
