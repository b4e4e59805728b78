// GET /security-events: what happened to one's own account lately, and nothing about how it was noticed.

import type { PlaceLookup } from "@fluxstudio/guard";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import { listOwnEvents, type OwnEventsOptions } from "../events/own-events.ts";
import { browserName } from "../mail/browser-name.ts";
import { signedIn } from "./devices-plugin.ts";

export interface SecurityEventsOptions extends OwnEventsOptions {
  readonly place?: PlaceLookup | undefined;
}

const mostShown = 50;

export function securityEvents({ place, ...sources }: SecurityEventsOptions) {
  return {
    id: "flux-security-events",
    endpoints: {
      listSecurityEvents: createAuthEndpoint(
        "/security-events",
        { method: "GET", requireHeaders: true },
        async (ctx) => {
          const { user } = await signedIn(ctx);
          const found = await listOwnEvents(sources, user, mostShown);
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
