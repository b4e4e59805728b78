// A session that refreshes its tokens far more often than they expire: a stolen token in a script, or a broken client.

import type { Rule } from "../rule.ts";
import { limitOf } from "../rule.ts";

const refreshes = "rapid-token-refresh.refreshes";

export const rapidTokenRefresh: Rule = {
  id: "rapid-token-refresh",
  summary: "A session refreshes its tokens far more often than they expire.",
  severity: "medium",
  confidence: "medium",
  attack: "T1550.001",
  owasp: "excess_rate_limit_exceeded",
  defaults: { mode: "monitor", threshold: 10, windowMs: 10 * 60_000, response: { action: "record" } },
  listensTo: ["token-refresh"],

  limits: ({ threshold, windowMs }) => [{ window: refreshes, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.session === undefined) return [];
    return [
      {
        kind: "count",
        scope: "session",
        value: signal.session,
        window: refreshes,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: limitOf(settings),
        threshold: settings.threshold,
        id: signal.id,
      },
    ];
  },

  judge(signal, [result], settings) {
    if (!result?.crossed || signal.session === undefined) return undefined;
    const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
    return { kind: "detected", finding: { scope: "session", value: signal.session, evidence } };
  },
};
