// REPLACE: one sentence: what somebody does that this rule notices.

import type { Rule } from "../../packages/guard/src/rule.ts";
import { limitOf } from "../../packages/guard/src/rule.ts";
import { scopeValue } from "../../packages/guard/src/signal.ts";

const failures = "example-rule.failures";

export const exampleRule: Rule = {
  id: "example-rule",
  // REPLACE: the sentence that operators read in `flux rules list`.
  summary: "Too many failed sign-ins to one account from one address.",
  severity: "low",
  confidence: "low",
  // REPLACE: the technique of https://attack.mitre.org, and the event of OWASP's logging vocabulary.
  attack: "T1110",
  owasp: "authn_login_fail",
  // A new rule only watches. It is enforced by default after yesterday's logs were replayed through it.
  defaults: { mode: "monitor", threshold: 5, windowMs: 5 * 60_000, response: { action: "record" } },
  listensTo: ["sign-in-failure"],

  limits: ({ threshold, windowMs }) => [{ window: failures, threshold, windowMs }],

  observe(signal, settings) {
    const value = scopeValue(signal, "account+ip");
    if (value === undefined) return [];
    return [
      {
        kind: "count",
        scope: "account+ip",
        value,
        window: failures,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: limitOf(settings),
        threshold: settings.threshold,
        id: signal.id,
      },
    ];
  },

  judge(signal, [result], settings) {
    const value = scopeValue(signal, "account+ip");
    if (!result?.crossed || value === undefined) return undefined;
    const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
    return { kind: "detected", finding: { scope: "account+ip", value, evidence } };
  },
};
