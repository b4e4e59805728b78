// What changes who may come in asks for the password, or for a session that was opened lately.

import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";

/**
 * By endpoint, the field of the password that does instead. Better Auth asks accounts that have a password for it, and lets
 * the others do with any session, however old or stolen.
 */
const guarded: { readonly [path: string]: string | undefined } = {
  "/two-factor/enable": "password",
  "/two-factor/enable-passkey": "password",
  "/two-factor/disable": "password",
  "/two-factor/get-totp-uri": "password",
  "/two-factor/generate-backup-codes": "password",
  "/passkey/delete-passkey": undefined,
  "/export": undefined,
  "/delete-user": "password",
};

export function freshSessions() {
  return {
    id: "flux-fresh-sessions",
    hooks: {
      before: [
        {
          matcher: ({ path }) => Object.hasOwn(guarded, path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            const field = guarded[ctx.path];
            // The second step of a deletion brings what was mailed to the owner.
            if (ctx.path === "/delete-user" && ctx.body?.token !== undefined) return;
            const session = await getSessionFromCtx(ctx);
            if (!session) return;
            const { internalAdapter, sessionConfig } = ctx.context;
            if (field !== undefined && ctx.body?.[field] !== undefined) {
              // A password that nobody compares with anything proves nothing.
              if (await internalAdapter.findCredentialAccount(session.user.id)) return;
            }
            const age = Date.now() - new Date(session.session.createdAt).getTime();
            if (age < sessionConfig.freshAge * 1_000) return;
            throw new APIError("FORBIDDEN", {
              code: "SESSION_NOT_FRESH",
              message: "Sign in again to do this.",
            });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
