// GET /security-events: what happened to one's own account lately, and nothing about how it was noticed.

import type { PlaceLookup } from "@fluxstudio/guard";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import type { EventStore } from "../events/event-store.ts";
import { browserName } from "../mail/browser-name.ts";
import { signedIn } from "./devices-plugin.ts";

export interface SecurityEventsOptions {
  readonly events: Pick<EventStore, "list">;
  readonly accountKey: (email: string) => string;
  readonly place?: PlaceLookup | undefined;
}

const mostShown = 50;

/**
 * Under the account's present e-mail: events are kept by its hash, and what happened under an earlier one is not found. What is
 * older than the account was about somebody else who had this address, or tried it.
 */
export function securityEvents({ events, accountKey, place }: SecurityEventsOptions) {
  return {
    id: "flux-security-events",
    endpoints: {
      listSecurityEvents: createAuthEndpoint(
        "/security-events",
        { method: "GET", requireHeaders: true },
        async (ctx) => {
          const { user } = await signedIn(ctx);
          const listed = await events.list({ account: accountKey(user.email), limit: mostShown });
          const found = listed.filter(({ event }) => event.at >= user.createdAt.getTime());
          return ctx.json({
            events: found.map(({ event: { id, at, signal, decision }, status }) => {
              const { country = null, city = null } = place?.(signal.ip) ?? {};
              return {
                ...{ id, at: new Date(at), type: signal.type, status, ip: signal.ip, country, city },
                browser: browserName(signal.userAgent),
                /** What was done about it: a wait, or another proof that is asked for. */
                action: decision?.scope === "account" ? decision.action : null,
              };
            }),
          });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}
