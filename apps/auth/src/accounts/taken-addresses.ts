// Whoever wants to change to an address that has an account must not see by his own mail that it has one.

import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware, createEmailVerificationToken, isAPIError } from "better-auth/api";
import type { AccountMails } from "../mail/account-mails.ts";

export interface TakenAddressesOptions {
  readonly mails: Pick<AccountMails, "emailChangeConfirm">;
  /** Of a link that is about to be mailed. */
  readonly remember: (token: string) => Promise<void>;
  readonly verifyForMs: number;
}

/**
 * Better Auth answers alike, and mails nothing when the address is taken. The mail to a confirmed old address is read by whoever
 * asks, so it goes out in either case; the new address's reader is the first one who is told (address-races.ts).
 * Place it before what evens out the time of answers.
 */
export function takenAddresses({ mails, remember, verifyForMs }: TakenAddressesOptions) {
  return {
    id: "flux-taken-addresses",
    hooks: {
      after: [
        {
          matcher: ({ path }) => path === "/change-email",
          handler: createAuthMiddleware(async (ctx) => {
            const { session, returned, secret, internalAdapter } = ctx.context;
            if (!session?.user.emailVerified || isAPIError(returned)) return;
            const { user } = session;
            const newEmail = String(ctx.body.newEmail);
            if (!(await internalAdapter.findUserByEmail(newEmail))) return;
            const token = await createEmailVerificationToken(
              secret,
              user.email,
              newEmail,
              verifyForMs / 1_000,
              { requestType: "change-email-confirmation", userId: user.id },
            );
            await remember(token);
            mails.emailChangeConfirm({ user, newEmail, token }, ctx.request);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
