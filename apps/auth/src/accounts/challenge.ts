// The sign-in that waits for its second factor: whose it is, and its end.

import type { GenericEndpointContext } from "better-auth";
import { expireCookie } from "better-auth/cookies";

/** The user whose password was right in this browser a while ago; undefined when nothing waits. */
export async function challengedUser(ctx: GenericEndpointContext): Promise<string | undefined> {
  const id = await challengeOf(ctx);
  const waiting = id ? await ctx.context.internalAdapter.findVerificationValue(id) : undefined;
  return waiting && waiting.expiresAt > new Date() ? waiting.value : undefined;
}

/** For a sign-in that was finished in another way than by a code. */
export async function endChallenge(ctx: GenericEndpointContext): Promise<void> {
  const id = await challengeOf(ctx);
  if (!id) return;
  await ctx.context.internalAdapter.consumeVerificationValue(id);
  expireCookie(ctx, ctx.context.createAuthCookie("two_factor"));
}

/** Better Auth's two-factor plugin keeps its name in a signed cookie. */
async function challengeOf(ctx: GenericEndpointContext): Promise<string | null | undefined | false> {
  const { name } = ctx.context.createAuthCookie("two_factor");
  return ctx.getSignedCookie(name, ctx.context.secret);
}
