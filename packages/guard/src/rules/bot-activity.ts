// Automation: more requests to credential endpoints from one address than a person makes.

import type { Rule } from "../rule.ts";
import { limitOf } from "../rule.ts";

export const botActivity: Rule = {
  id: "bot-activity",
  summary: "Too many requests to credential endpoints from one address.",
  severity: "medium",
  confidence: "medium",
  attack: "T1110",
  owasp: "excess_rate_limit_exceeded",
  defaults: {
    mode: "enforce",
    threshold: 50,
    windowMs: 60_000,
    response: { action: "block", scope: "ip", durationMs: 30 * 60_000 },
  },
  listensTo: ["request"],

  observe(signal, settings) {
    if (signal.door === undefined) return [];
    const { at, id, ipValue: value } = signal;
    const { threshold, windowMs } = settings;
    // One count for all doors: a budget for each path would let an attacker spend each of them.
    return [
      {
        kind: "count",
        scope: "ip",
        value,
        window: "bot-activity.requests",
        at,
        windowMs,
        limit: limitOf(settings),
        threshold,
        id,
      },
    ];
  },

  judge(signal, [result], settings) {
    if (!result) return undefined;
    const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
    const finding = { scope: "ip", value: signal.ipValue, evidence } as const;
    if (result.crossed) return { kind: "detected", finding };
    if (result.count <= settings.threshold) return undefined;
    return { kind: "over", finding, freeAt: (result.oldestAt ?? signal.at) + settings.windowMs };
  },
};
