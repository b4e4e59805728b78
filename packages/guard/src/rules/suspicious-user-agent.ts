// A client that says it is no browser: command-line tools, HTTP libraries, scanners, or nothing at all.

import { hash } from "node:crypto";
import { classifyUserAgent } from "../client/user-agent.ts";
import type { Rule } from "../rule.ts";

/** Different agents of one address that are told apart; with more of them the oldest is reported anew. */
const agentsKept = 64;

const agents = "suspicious-user-agent.agents";

export const suspiciousUserAgent: Rule = {
  id: "suspicious-user-agent",
  summary: "A tool, a scanner or an empty user agent asked a credential endpoint.",
  severity: "low",
  confidence: "low",
  attack: "T1595",
  owasp: "malicious_attack_tool",
  defaults: { mode: "monitor", threshold: 1, windowMs: 60 * 60_000, response: { action: "record" } },
  listensTo: ["request"],

  limits: ({ threshold, windowMs }) => [{ window: agents, threshold, windowMs }],

  observe(signal, settings) {
    if (signal.door === undefined) return [];
    const agent = classifyUserAgent(signal.userAgent);
    if (agent === "client" || agent === "bot") return [];
    return [
      {
        kind: "distinct",
        scope: "ip",
        value: signal.ipValue,
        window: agents,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: agentsKept,
        threshold: settings.threshold,
        member: hash("sha1", signal.userAgent ?? "", "base64url").slice(0, 12),
        since: "first",
      },
    ];
  },

  judge(signal, [result], settings) {
    if (!result?.admitted || result.count < settings.threshold) return undefined;
    const agent = classifyUserAgent(signal.userAgent);
    return {
      kind: "detected",
      finding: {
        scope: "ip",
        value: signal.ipValue,
        severity: agent === "scanner" ? "medium" : "low",
        evidence: {
          count: result.count,
          threshold: settings.threshold,
          windowMs: settings.windowMs,
          agent,
          userAgent: signal.userAgent ?? "",
        },
      },
    };
  },
};
