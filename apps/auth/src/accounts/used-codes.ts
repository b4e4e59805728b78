// A code of an authenticator app works once (RFC 6238, 5.2), although it is shown for 30 seconds and taken for 90.

import { createOTP } from "@better-auth/utils/otp";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { symmetricDecrypt } from "better-auth/crypto";
import { challengedUser } from "./challenge.ts";

interface TwoFactor {
  readonly id: string;
  readonly secret: string;
}

/** Both as Better Auth has them. */
const stepMs = 30_000;
const stepsAround = [-1, 0, 1];

/**
 * A right code takes its step before it is verified, in one statement, so that of two requests with the same code one gets
 * it. The other one's code is handed on as a wrong one, and so is counted like any other.
 * @param now Milliseconds since 1970, of the clock by which Better Auth verifies
 */
export function usedCodes(now: () => number = Date.now) {
  return {
    id: "flux-used-codes",
    schema: {
      twoFactor: {
        fields: {
          usedStep: { type: "number", required: false, defaultValue: 0, input: false, returned: false },
        },
      },
    },
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/two-factor/verify-totp",
          handler: createAuthMiddleware(async (ctx) => {
            const code: unknown = ctx.body?.code;
            if (typeof code !== "string") return;
            const factor = await factorOf(ctx);
            if (!factor) return;
            const step = await stepOf(ctx, factor, code, Math.floor(now() / stepMs));
            if (step === undefined || (await take(ctx, factor, step))) return;
            return { context: { body: { code: "used" } } };
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

async function take(ctx: GenericEndpointContext, { id }: TwoFactor, step: number): Promise<boolean> {
  const taken = await ctx.context.adapter.updateMany({
    model: "twoFactor",
    where: [
      { field: "id", value: id },
      { field: "usedStep", operator: "lt", value: step },
    ],
    update: { usedStep: step },
  });
  return taken > 0;
}

/** The second factor of whoever is signed in, or has a sign-in waiting for it. */
async function factorOf(ctx: GenericEndpointContext): Promise<TwoFactor | undefined> {
  const userId = (await getSessionFromCtx(ctx))?.user.id ?? (await challengedUser(ctx));
  if (userId === undefined) return undefined;
  const where = [{ field: "userId", value: userId }];
  return (await ctx.context.adapter.findOne<TwoFactor>({ model: "twoFactor", where })) ?? undefined;
}

async function stepOf(
  ctx: GenericEndpointContext,
  { secret }: TwoFactor,
  code: string,
  step: number,
): Promise<number | undefined> {
  const otp = createOTP(await symmetricDecrypt({ key: ctx.context.secretConfig, data: secret }));
  for (const around of stepsAround) {
    if ((await otp.hotp(step + around)) === code) return step + around;
  }
  return undefined;
}
