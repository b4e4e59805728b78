// Links in mails that change who owns an account: each works once, and none outlives a change of the password or the address.

import { createHash } from "node:crypto";
import type { AuthContext, BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";

/** What Better Auth signs into such a link, which it keeps nowhere. */
interface LinkPayload {
  readonly updateTo?: unknown;
  readonly userId?: unknown;
  readonly requestType?: unknown;
}

/** Better Auth's name for the link to the new address, which is the last one. */
const changesAddress = "change-email-verification";

const nameOf = (token: string): string =>
  `email-change:${createHash("sha256").update(token).digest("base64url")}`;
const ownerOf = (userId: string): string => `email-change:${userId}`;

/** Whether a link asks for a change of address; only its signature, which the endpoint checks, makes that true. */
export function isEmailChange(token: string): boolean {
  return readPayload(token).updateTo !== undefined;
}

/**
 * Ends what was mailed, and what waits for a second factor: whoever took an account over must not take it back with a link
 * that he asked for before ("pre-hijacking": Sudhodanan and Paverd, USENIX Security 2022, the unexpired e-mail change attack).
 */
export async function forgetLinks({ kysely }: Database, userId: string): Promise<void> {
  await sql`delete from verification where value in (${userId}, ${ownerOf(userId)})`.execute(kysely);
}

export function mailLinks(database: Database, expiresInMs: number) {
  const plugin = {
    id: "flux-mail-links",
    hooks: {
      before: [
        {
          matcher: isVerification,
          handler: createAuthMiddleware(async (ctx) => {
            const token: unknown = ctx.query?.token;
            if (typeof token !== "string" || !isEmailChange(token)) return;
            const { userId } = readPayload(token);
            // Somebody else's session: the endpoint says so, and the link is not spent on it.
            const session = await getSessionFromCtx(ctx);
            if (session && session.user.id !== userId) return;
            const { internalAdapter } = ctx.context;
            // Whether the address is still free, only its own reader hears: see address-races.ts.
            if (await internalAdapter.consumeVerificationValue(nameOf(token))) return;
            return { context: { query: { token: "spent" } } };
          }),
        },
      ],
    },
    init: () => ({
      options: {
        databaseHooks: {
          user: {
            update: {
              // Better Auth writes the address only after it has checked the link, so the proof is told by this write and in
              // it: an answer is no sign of success, as part of it is what the client sent.
              before: async ({ email }, ctx) =>
                email !== undefined && provesAddress(ctx) ? { data: { emailVerified: true } } : undefined,
              after: async ({ id }, ctx) => {
                if (provesAddress(ctx)) await forgetLinks(database, id);
              },
            },
          },
        },
      },
    }),
  } satisfies BetterAuthPlugin;

  return {
    plugin,
    /** Call it with the token of each change of address that is mailed. */
    async remember({ internalAdapter }: AuthContext, token: string): Promise<void> {
      const { userId } = readPayload(token);
      await internalAdapter.createVerificationValue({
        identifier: nameOf(token),
        value: ownerOf(String(userId)),
        expiresAt: new Date(Date.now() + expiresInMs),
      });
    },
  };
}

const isVerification = ({ path }: { path?: string | undefined }): boolean => path === "/verify-email";

/** Whether this is the request of a link to the new address; whoever asks must know that the link is genuine. */
function provesAddress(ctx: GenericEndpointContext | null): boolean {
  const token: unknown = ctx && isVerification(ctx) ? ctx.query?.token : undefined;
  return typeof token === "string" && readPayload(token).requestType === changesAddress;
}

function readPayload(token: string): LinkPayload {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
