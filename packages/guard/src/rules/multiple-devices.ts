// Many devices signing in to one account within a short time: a shared or a stolen password.

import type { Rule } from "../rule.ts";
import { limitOf } from "../rule.ts";

const devices = "multiple-devices.devices";

export const multipleDevices: Rule = {
  id: "multiple-devices",
  summary: "Several different devices signed in to one account within a short time.",
  severity: "medium",
  confidence: "low",
  attack: "T1078",
  owasp: "authn_login_success",
  defaults: { mode: "monitor", threshold: 3, windowMs: 60 * 60_000, response: { action: "record" } },
  listensTo: ["sign-in-success"],

  limits: ({ threshold, windowMs }) => [{ window: devices, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.account === undefined || signal.device === undefined) return [];
    return [
      {
        kind: "distinct",
        scope: "account",
        value: signal.account,
        window: devices,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: limitOf(settings),
        threshold: settings.threshold,
        member: signal.device,
        since: "latest",
      },
    ];
  },

  judge(signal, [result], settings) {
    if (!result?.crossed || signal.account === undefined) return undefined;
    const evidence = { count: result.count, threshold: settings.threshold, windowMs: settings.windowMs };
    return { kind: "detected", finding: { scope: "account", value: signal.account, evidence } };
  },
};
