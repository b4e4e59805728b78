// What a refused client is told: status, stable code, when to try again.

import type { Outcome } from "../guard.ts";

export interface Refusal {
  readonly status: 403 | 429 | 503;
  readonly body: { readonly code: string; readonly retryAfter?: number };
  readonly headers: { readonly [name: string]: string };
}

/** An outage is never told as a limit (503), a limit of the moment is 429, a decision in force 403. */
export function refusalOf(outcome: Outcome): Refusal {
  const retryAfter = Math.ceil(outcome.retryAfterMs / 1000);
  const wait: Record<string, string> = retryAfter > 0 ? { "Retry-After": String(retryAfter) } : {};
  const told = retryAfter > 0 ? { retryAfter } : {};
  if (outcome.reason === "store-unavailable")
    return { status: 503, body: { code: "UNAVAILABLE", ...told }, headers: wait };
  switch (outcome.action) {
    case "delay":
      return {
        status: 429,
        body: { code: "THROTTLED", ...told },
        headers: { ...wait, ...limitFields(outcome, retryAfter) },
      };
    case "challenge":
      return { status: 403, body: { code: "CHALLENGE_REQUIRED" }, headers: {} };
    case "step-up":
      return { status: 403, body: { code: "STEP_UP_REQUIRED" }, headers: {} };
    default:
      return { status: 403, body: { code: "BLOCKED", ...told }, headers: wait };
  }
}

/** The fields of draft-ietf-httpapi-ratelimit-headers: the policy, what remains of it, and for how long, in seconds. */
function limitFields({ limit }: Outcome, retryAfter: number): Record<string, string> {
  if (!limit) return {};
  return {
    "RateLimit-Policy": `"${limit.rule}";q=${limit.threshold};w=${Math.ceil(limit.windowMs / 1000)}`,
    RateLimit: `"${limit.rule}";r=0;t=${retryAfter}`,
  };
}
