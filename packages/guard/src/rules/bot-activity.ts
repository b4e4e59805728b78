// Automation: more requests to credential endpoints from one address, or one known device, than a person makes.

import type { Rule } from "../rule.ts";
import { limitOf } from "../rule.ts";
import type { Scope } from "../scopes.ts";
import { knownDevice, type ScopedSignal } from "../signal.ts";

const requests = "bot-activity.requests";

export const botActivity: Rule = {
  id: "bot-activity",
  summary: "Too many requests to credential endpoints from one address, or from one known device.",
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
  followsReputation: true,
  listensTo: ["request"],

  limits: ({ threshold, windowMs }) => [{ window: requests, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.door === undefined) return [];
    const { at, id } = signal;
    const { threshold, windowMs } = settings;
    // One count for all doors: a budget for each path would let an attacker spend each of them.
    return [
      {
        kind: "count",
        ...sourceOf(signal),
        window: requests,
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
    const finding = { ...sourceOf(signal), evidence };
    if (result.crossed) return { kind: "detected", finding };
    if (result.count <= settings.threshold) return undefined;
    return { kind: "over", finding, freeAt: (result.oldestAt ?? signal.at) + settings.windowMs };
  },
};

/** Known devices are counted each by itself: a busy office is no bot, and a bot in it does not stop the office. */
function sourceOf(signal: ScopedSignal): { readonly scope: Scope; readonly value: string } {
  const device = knownDevice(signal);
  return device === undefined ? { scope: "ip", value: signal.ipValue } : { scope: "device", value: device };
}
