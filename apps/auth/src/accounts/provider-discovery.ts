// Asks a provider that did not answer at the start again: once at a time, for a short while, and not at every request.

import type { GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import type { genericOAuth } from "better-auth/plugins/generic-oauth";
import { within } from "./provider-answers.ts";

type Retry = ReturnType<typeof genericOAuth>["hooks"]["before"][number];

export interface ProviderDiscoveryOptions {
  /** How long requests wait for an answer. */
  readonly discoveryMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Longer than Better Auth waits, so that of the tries for one provider no two overlap. */
const pauseMs = 30_000;

/**
 * Better Auth asks for each request, and lets each wait for ten seconds.
 * @param retry its hook, which runs as long as the provider is not known
 */
export function boundDiscovery(retry: Retry, { discoveryMs, now }: ProviderDiscoveryOptions): Retry {
  // Providers that OIDC_PROVIDERS names, and no others, come here.
  const tries = new Map<string, { readonly at: number; readonly found: Promise<boolean> }>();

  function discover(ctx: GenericEndpointContext, id: string): Promise<boolean> {
    const last = tries.get(id);
    if (last && now() - last.at < pauseMs) return last.found;
    const asked = Promise.resolve(retry.handler(ctx)).then(() => retry.matcher(ctx) === false);
    const found = within(asked, discoveryMs, false);
    tries.set(id, { at: now(), found });
    return found;
  }

  return {
    matcher: retry.matcher,
    handler: createAuthMiddleware(async (ctx) => {
      const id = String(ctx.body?.provider ?? ctx.body?.providerId ?? ctx.query?.provider ?? ctx.params?.id);
      // Whoever comes back is a browser, and is led on by what follows.
      if ((await discover(ctx, id)) || ctx.params?.id !== undefined) return;
      throw new APIError("SERVICE_UNAVAILABLE", {
        code: "PROVIDER_UNAVAILABLE",
        message: "This provider does not answer. Try again in a minute, or sign in another way.",
      });
    }),
  };
}
