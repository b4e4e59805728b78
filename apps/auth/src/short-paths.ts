// /signup, /login, /logout and /me: short names for Better Auth's own endpoints, with all of their hooks.

import type { Verifier } from "@fluxstudio/verify";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, getSessionFromCtx } from "better-auth/api";
import { bearerSession } from "./tokens/bearer.ts";

/** The requests with a short path, and the long paths that serve them. */
export const shortPathTargets: { readonly [request: string]: string } = {
  "POST /login": "/sign-in/email",
  "POST /signup": "/sign-up/email",
  "POST /logout": "/sign-out",
};

/**
 * The request is handed on under the long path instead of being served by an endpoint of its own: plugins recognise
 * sign-ins by their path, and under another one a second factor would be skipped.
 */
export function shortPaths(basePath: string, accessTokens: Verifier) {
  return {
    id: "flux-short-paths",
    async onRequest(request) {
      const url = new URL(request.url);
      const path = url.pathname.startsWith(`${basePath}/`) ? url.pathname.slice(basePath.length) : "";
      const target = shortPathTargets[`${request.method} ${path}`];
      if (target === undefined) return;
      url.pathname = basePath + target;
      // Signing out takes no body, and an empty one without a content type would be refused.
      const bodiless = target === "/sign-out" ? { method: "POST", headers: request.headers } : request;
      return { request: new Request(url, bodiless) };
    },
    endpoints: {
      me: createAuthEndpoint("/me", { method: "GET", requireHeaders: true }, async (ctx) => {
        const session = (await bearerSession(ctx, accessTokens)) ?? (await getSessionFromCtx(ctx));
        if (!session) throw new APIError("UNAUTHORIZED", { code: "UNAUTHORIZED", message: "Sign in first." });
        return ctx.json({ user: session.user });
      }),
    },
  } satisfies BetterAuthPlugin;
}
