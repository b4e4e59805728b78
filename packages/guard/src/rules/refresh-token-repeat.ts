// A refresh token that was shown again a moment after its exchange, but by somebody else than who exchanged it.

import { hash } from "node:crypto";
import type { Rule } from "../rule.ts";

const clients = "refresh-token-repeat.clients";

/** Detections of one session in a window: a client that names itself anew each time tells nothing new after them. */
const mostDetections = 7;

export const refreshTokenRepeat: Rule = {
  id: "refresh-token-repeat",
  summary:
    "A refresh token that had just been exchanged was shown again from another address or by another program.",
  severity: "low",
  confidence: "low",
  attack: "T1550.001",
  owasp: "authn_token_reuse",
  // Longer than the grace in which issuers hand out the same successor, so the exchange is always in it.
  defaults: { mode: "monitor", threshold: 2, windowMs: 60_000, response: { action: "record" } },
  listensTo: ["token-refresh", "refresh-token-repeat"],

  limits: ({ threshold, windowMs }) => [{ window: clients, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.session === undefined) return [];
    return [
      {
        kind: "distinct",
        scope: "session",
        value: signal.session,
        window: clients,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: settings.threshold + mostDetections,
        threshold: settings.threshold,
        member: hash("sha1", `${signal.ipValue} ${signal.userAgent ?? ""}`, "base64url").slice(0, 16),
        since: "latest",
      },
    ];
  },

  /** Who goes on elsewhere with the successor only exchanges tokens; what is noticed is the old one, in other hands. */
  judge(signal, [result], settings) {
    if (signal.type !== "refresh-token-repeat" || signal.session === undefined) return undefined;
    // Not where the threshold is crossed: that may have been an exchange, and the repeat comes after it.
    if (!result?.admitted || result.count < settings.threshold) return undefined;
    if (result.count >= settings.threshold + mostDetections) return undefined;
    const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
    return { kind: "detected", finding: { scope: "session", value: signal.session, evidence } };
  },
};
