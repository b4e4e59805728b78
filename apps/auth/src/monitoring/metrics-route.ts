// GET /metrics: for Prometheus, which shows METRICS_TOKEN, and for operators. Nobody else learns how the attack is going.

import { createHash, timingSafeEqual } from "node:crypto";
import type { Metrics } from "@fluxstudio/telemetry";
import type { Handler } from "hono";
import type { OperatorTokens } from "../tokens/operator-tokens.ts";

export const metricsPath = "/metrics";

export const metricsRoute =
  (metrics: Metrics): Handler =>
  async (c) =>
    c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType, "Cache-Control": "no-store" });

/** Lets METRICS_TOKEN in beside the operators' tokens, and nowhere else. */
export function metricsTokens(
  tokens: Pick<OperatorTokens, "verify">,
  metricsToken: string | undefined,
): Pick<OperatorTokens, "verify"> {
  const expected = metricsToken === undefined ? undefined : digest(metricsToken);
  return {
    async verify(token) {
      // Of digests, which are of one length, and tell nothing by how far they agree.
      if (expected && timingSafeEqual(digest(token), expected)) return { kind: "local", name: "metrics" };
      return tokens.verify(token);
    },
  };
}

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();
