// Whose secret a request to Better Auth is about, found before the secret is checked.

import type { GenericEndpointContext } from "better-auth";
import { getSessionFromCtx } from "better-auth/api";
import type { SecretCheck } from "./better-auth-checks.ts";

export interface Asker {
  /** E-mail of the account. */
  readonly email: string | undefined;
  /** Whether a session is open already, so that a right answer signs nobody in. */
  readonly signedIn: boolean;
}

const nobody: Asker = { email: undefined, signedIn: false };

/** Longer ones are no addresses (RFC 5321 allows 254), and would only be hashed. */
const longestEmail = 1024;

/**
 * The e-mail of a body is used only where the endpoint itself signs that account in: elsewhere it is what somebody signed
 * in as himself chose to write, and his success would clear the failures of whoever he names.
 */
export async function askerOf(ctx: GenericEndpointContext, account: SecretCheck["account"]): Promise<Asker> {
  switch (account) {
    case "email": {
      const email = field(ctx.body, "email");
      return email && email.length <= longestEmail ? { email, signedIn: false } : nobody;
    }
    case "session":
      return ofSession(ctx);
    case "challenge": {
      const asker = await ofSession(ctx);
      return asker.signedIn ? asker : ofChallenge(ctx);
    }
    case "passkey":
      return ofPasskey(ctx);
    case "none":
    case "afterwards":
      return nobody;
  }
}

async function ofSession(ctx: GenericEndpointContext): Promise<Asker> {
  const session = await getSessionFromCtx(ctx);
  return session ? { email: session.user.email, signedIn: true } : nobody;
}

/** The cookie of Better Auth's two-factor plugin: a password was right, and a code is awaited. */
async function ofChallenge(ctx: GenericEndpointContext): Promise<Asker> {
  const { name } = ctx.context.createAuthCookie("two_factor");
  const id = await ctx.getSignedCookie(name, ctx.context.secret);
  const challenge = id ? await ctx.context.internalAdapter.findVerificationValue(id) : undefined;
  return ofUser(ctx, challenge?.value);
}

async function ofPasskey(ctx: GenericEndpointContext): Promise<Asker> {
  const value = field((ctx.body as { response?: unknown } | null | undefined)?.response, "id");
  if (value === undefined) return nobody;
  const passkey = await ctx.context.adapter.findOne<{ userId: string }>({
    model: "passkey",
    where: [{ field: "credentialID", value }],
  });
  return ofUser(ctx, passkey?.userId);
}

async function ofUser(ctx: GenericEndpointContext, id: string | undefined): Promise<Asker> {
  const user = id === undefined ? undefined : await ctx.context.internalAdapter.findUserById(id);
  return user ? { email: user.email, signedIn: false } : nobody;
}

function field(from: unknown, name: string): string | undefined {
  const value = (from as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
