// Passkeys: sign-in without a password, and in place of a code where a second factor is asked for.

import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, isAPIError } from "better-auth/api";
import type { Database } from "../database/database.ts";
import { lazyPasskeyPlugin } from "./lazy-passkey-plugin.ts";
import { passkeyRemoval } from "./passkey-removal.ts";

export interface PasskeyOptions {
  readonly database: Pick<Database, "kysely" | "dialect">;
  readonly siteName: string;
  readonly origins: readonly [string, ...string[]];
}

const unverified = () =>
  new APIError("UNAUTHORIZED", {
    code: "PASSKEY_USER_NOT_VERIFIED",
    message: "Unlock the passkey with a PIN, a finger or your face.",
  });

const registered = () =>
  new APIError("BAD_REQUEST", {
    code: "PREVIOUSLY_REGISTERED",
    message: "This passkey is registered already.",
  });

const isRegistered = async ({ context }: GenericEndpointContext, credentialID: string): Promise<boolean> =>
  (await context.adapter.findOne({
    model: "passkey",
    where: [{ field: "credentialID", value: credentialID }],
  })) !== null;

/**
 * A passkey signs in by itself, past any second factor, because it is two: something one has, which is opened by something one
 * is or knows. So the browser must have verified the user (WebAuthn, UV flag), which Better Auth does not insist on.
 */
export function passkeys({ siteName, origins, database }: PasskeyOptions): BetterAuthPlugin[] {
  const plugin = lazyPasskeyPlugin({
    rpName: siteName,
    rpID: new URL(origins[0]).hostname,
    origin: [...origins],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    registration: {
      async afterVerification({ ctx, verification }) {
        const { registrationInfo } = verification;
        if (!registrationInfo?.userVerified) throw unverified();
        const { id } = registrationInfo.credential;
        if (await isRegistered(ctx, id)) throw registered();
      },
    },
    authentication: {
      afterVerification({ verification }) {
        if (!verification.authenticationInfo.userVerified) throw unverified();
      },
    },
  });
  const { verifyPasskeyRegistration: verify } = plugin.endpoints;
  const verifyPasskeyRegistration = Object.assign(
    (...input: Parameters<typeof verify>) => verify(...input).catch(asMistakeOfTheirs),
    verify,
  );
  const endpoints = {
    ...plugin.endpoints,
    verifyPasskeyRegistration,
    deletePasskey: passkeyRemoval(database),
  };
  return [{ ...plugin, endpoints }, ceremonies()];
}

/** A registration that cannot be verified is what a client sent, and no failure of this server. */
function asMistakeOfTheirs(error: unknown): never {
  const code = isAPIError(error) ? error.body?.code : undefined;
  if (code !== "FAILED_TO_VERIFY_REGISTRATION") throw error;
  throw new APIError("BAD_REQUEST", { code, message: "This is no registration of a passkey." });
}

const responsePaths = ["/passkey/verify-registration", "/passkey/verify-authentication"];

/** What of Better Auth's ceremonies does not fit: how it asks, and what it takes for an answer. */
function ceremonies() {
  return {
    id: "flux-passkey-ceremonies",
    hooks: {
      before: [
        {
          matcher: ({ path }) => responsePaths.includes(path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            // It is looked for in the database as it is.
            if (typeof ctx.body?.response?.id !== "string") {
              throw new APIError("BAD_REQUEST", {
                code: "INVALID_PASSKEY",
                message: "response: no passkey's answer.",
              });
            }
            await requireCeremony(ctx);
            // A registration is made in a session; it opens no second one.
            return { context: { body: { createSession: false } } };
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === "/passkey/generate-authenticate-options",
          handler: createAuthMiddleware(async (ctx) => {
            const { returned } = ctx.context;
            if (isAPIError(returned) || typeof returned !== "object") return;
            return ctx.json({ ...returned, userVerification: "required" });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Better Auth's name for the cookie that names a challenge. */
const challengeCookie = "better-auth-passkey";

/**
 * A signed cookie is not bound to its name, so what this one names may be anything that another cookie names: Better Auth takes
 * it for its own JSON. Whether the challenge fits, and is still good, the endpoint says.
 */
async function requireCeremony(ctx: GenericEndpointContext): Promise<void> {
  const { name } = ctx.context.createAuthCookie(challengeCookie);
  const token = await ctx.getSignedCookie(name, ctx.context.secret);
  const kept = token ? await ctx.context.internalAdapter.findVerificationValue(token) : null;
  if (!kept || isCeremony(kept.value)) return;
  throw new APIError("BAD_REQUEST", {
    code: "CHALLENGE_NOT_FOUND",
    message: "Ask for another challenge of the passkey.",
  });
}

function isCeremony(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null && "expectedChallenge" in parsed;
  } catch {
    return false;
  }
}
