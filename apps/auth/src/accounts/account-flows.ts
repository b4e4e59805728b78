// What Better Auth does with passwords, addresses and deletion, and what the owner hears of it.

import { getCurrentAuthEndpointContext } from "@better-auth/core/context";
import type { BetterAuthOptions, BetterAuthPlugin, User } from "better-auth";
import { createAuthMiddleware, isAPIError } from "better-auth/api";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { AccountMails } from "../mail/account-mails.ts";
import { forgetLinks, isEmailChange, mailLinks } from "./mail-links.ts";
import { takenAddresses } from "./taken-addresses.ts";

export interface AccountFlowOptions {
  readonly database: Database;
  readonly mails: AccountMails;
  /** Whether an address is confirmed before its account can be used. */
  readonly verificationRequired: boolean;
  /** Called with the owner of an address that a reset has proved. */
  readonly onRecovered: (owner: { readonly id: string; readonly email: string }) => Promise<void>;
  readonly verifyForMs: number;
  readonly resetForMs: number;
}

export function accountFlows(options: AccountFlowOptions) {
  const { database, mails, verificationRequired, onRecovered, verifyForMs, resetForMs } = options;
  const links = mailLinks(database, verifyForMs);
  const remember = (token: string) => links.remember(getCurrentAuthEndpointContext().context, token);

  return {
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: verificationRequired,
      onExistingUserSignUp: async ({ user }, request) => mails.existingAccount(user, request),
      customSyntheticUser: ({ coreFields, additionalFields, id }) => ({
        ...coreFields,
        ...additionalFields,
        role: "user",
        twoFactorEnabled: false,
        id,
      }),
      sendResetPassword: mails.resetPassword,
      resetPasswordTokenExpiresIn: resetForMs / 1_000,
      revokeSessionsOnPasswordReset: true,
      async onPasswordReset({ user }, request) {
        if (!user.emailVerified) await takeOver(database, user.id);
        await forgetLinks(database, user.id);
        await onRecovered(user);
        mails.passwordChanged(user, request);
      },
    },
    emailVerification: {
      async sendVerificationEmail(request) {
        if (!isEmailChange(request.token)) return mails.verifyEmail(request);
        await remember(request.token);
        mails.emailChangeVerify(request);
      },
      sendOnSignUp: true,
      sendOnSignIn: true,
      expiresIn: verifyForMs / 1_000,
    },
    user: {
      changeEmail: {
        enabled: true,
        async sendChangeEmailConfirmation(change, request) {
          await remember(change.token);
          mails.emailChangeConfirm(change, request);
        },
      },
      deleteUser: {
        enabled: true,
        sendDeleteAccountVerification: mails.accountDeletion,
        deleteTokenExpiresIn: resetForMs / 1_000,
        afterDelete: (user: User) => forgetLinks(database, user.id),
      },
    },
    takenAddresses: takenAddresses({ mails, remember, verifyForMs }),
    plugins: [links.plugin, passwordChanges({ database, mails })],
  } satisfies BetterAuthOptions & { takenAddresses: BetterAuthPlugin };
}

/**
 * The first proof that somebody reads an account's address. Whoever made the account may be somebody else, and have left more
 * ways in than the password: passkeys, a provider's account, a second factor that keeps the owner out, a browser that counts as
 * the owner's ("pre-hijacking": Sudhodanan and Paverd, USENIX Security 2022, the trojan identifier attack).
 */
async function takeOver({ kysely }: Database, userId: string): Promise<void> {
  for (const table of ["passkey", "twoFactor"]) {
    await sql`delete from ${sql.table(table)} where "userId" = ${userId}`.execute(kysely);
  }
  await kysely.deleteFrom("device").where("user_id", "=", userId).execute();
  await sql`delete from account where "userId" = ${userId} and "providerId" <> 'credential'`.execute(kysely);
  const { internalAdapter } = getCurrentAuthEndpointContext().context;
  await internalAdapter.updateUser(userId, { emailVerified: true, twoFactorEnabled: false });
}

/** A changed password ends every other session, and every link that was mailed before. */
function passwordChanges({ database, mails }: Pick<AccountFlowOptions, "database" | "mails">) {
  const matcher = ({ path }: { path?: string | undefined }) => path === "/change-password";
  return {
    id: "flux-password-changes",
    hooks: {
      before: [
        {
          matcher,
          handler: createAuthMiddleware(async () => ({ context: { body: { revokeOtherSessions: true } } })),
        },
      ],
      after: [
        {
          matcher,
          handler: createAuthMiddleware(async (ctx) => {
            const user = ctx.context.session?.user;
            if (!user || isAPIError(ctx.context.returned)) return;
            await forgetLinks(database, user.id);
            mails.passwordChanged(user, ctx.request);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
