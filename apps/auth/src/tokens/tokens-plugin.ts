// Better Auth plugin: whoever asks for tokens gets them with the session that a sign-in opens; they end with it.

import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import {
  APIError,
  createAuthEndpoint,
  createAuthMiddleware,
  getSessionFromCtx,
  isAPIError,
} from "better-auth/api";
import type { TokenIssuer } from "./token-issuer.ts";

/** The same as `"tokens"` in the body, for a client that cannot choose the body. */
const header = "x-flux-tokens";

/** Where the refresh token is to go: into the answer, or into a cookie. */
type Wish = "answer" | "cookie";

/** Place it after the guard's plugin, which may refuse a sign-in at the last moment. */
export function tokensPlugin({ sessions, cookie }: Pick<TokenIssuer, "sessions" | "cookie">) {
  async function give(ctx: GenericEndpointContext, wish: Wish, opened: Opened) {
    const { refreshToken, ...rest } = await sessions.issue(opened.session, opened.user);
    ctx.setHeader("cache-control", "no-store");
    if (wish === "answer") return { ...rest, refreshToken };
    ctx.setCookie(cookie.name, refreshToken, cookie.attributes);
    return rest;
  }

  return {
    id: "flux-tokens",
    init: () => ({
      options: {
        databaseHooks: {
          session: { delete: { after: (session: { id: string }) => sessions.sessionEnded(session.id) } },
        },
      },
    }),
    endpoints: {
      /** For a session that was opened by a page, such as a provider's: there is no answer to put tokens into. */
      token: createAuthEndpoint("/token", { method: "POST", requireHeaders: true }, async (ctx) => {
        const opened = await getSessionFromCtx(ctx);
        if (!opened) throw new APIError("UNAUTHORIZED", { code: "UNAUTHORIZED", message: "Sign in first." });
        return ctx.json(await give(ctx, wishOf(ctx) ?? "answer", opened));
      }),
    },
    hooks: {
      before: [{ matcher: () => true, handler: createAuthMiddleware(async (ctx) => void wishOf(ctx)) }],
      after: [
        {
          matcher: ({ path }) => path !== "/token",
          handler: createAuthMiddleware(async (ctx) => {
            const wish = wishOf(ctx);
            const { newSession, returned } = ctx.context;
            if (!wish || !newSession || typeof returned !== "object" || isAPIError(returned)) return;
            return { ...returned, ...(await give(ctx, wish, newSession)) };
          }),
        },
        {
          matcher: ({ path }) => path === "/sign-out",
          handler: createAuthMiddleware(async (ctx) => {
            ctx.setCookie(cookie.name, "", { ...cookie.attributes, maxAge: 0 });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

interface Opened {
  readonly session: { readonly id: string };
  readonly user: { readonly id: string; readonly role?: unknown };
}

/** @throws APIError for a wish that cannot be understood, before anything is done */
function wishOf({ body, headers }: Pick<GenericEndpointContext, "body" | "headers">): Wish | undefined {
  const asked: unknown = body?.tokens ?? headers?.get(header) ?? false;
  if (asked === false || asked === "false") return undefined;
  if (asked === true || asked === "true") return "answer";
  if (asked === "cookie") return "cookie";
  throw new APIError("BAD_REQUEST", { code: "INVALID_FIELD", message: 'tokens: true, false or "cookie".' });
}
