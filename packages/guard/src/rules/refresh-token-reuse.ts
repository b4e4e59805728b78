// A refresh token that was shown again after it had been exchanged: two hold what only one was given.

import type { Rule } from "../rule.ts";
import { limitOf } from "../rule.ts";

const reuses = "refresh-token-reuse.reuses";

export const refreshTokenReuse: Rule = {
  id: "refresh-token-reuse",
  summary: "A spent refresh token was used again: somebody has a copy of it.",
  severity: "high",
  confidence: "high",
  attack: "T1550.001",
  owasp: "authn_token_reuse",
  // Whoever issues the tokens ends the session by itself. The block tells the services about it, which would otherwise
  // accept the session's last access token for the 15 minutes that it lives, and as long as their clocks are apart.
  defaults: {
    mode: "enforce",
    threshold: 1,
    windowMs: 15 * 60_000,
    response: { action: "block", scope: "session", durationMs: 16 * 60_000 },
  },
  listensTo: ["refresh-token-reuse"],

  limits: ({ threshold, windowMs }) => [{ window: reuses, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.session === undefined) return [];
    return [
      {
        kind: "count",
        scope: "session",
        value: signal.session,
        window: reuses,
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
