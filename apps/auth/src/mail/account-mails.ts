// The mails that Better Auth asks for: each leads to a page of this server, and none delays the answer that caused it.

import { randomUUID } from "node:crypto";
import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { PlaceLookup } from "@fluxstudio/guard";
import type { Mailer } from "./mailer.ts";
import { accountDeletion } from "./messages/account.ts";
import { emailChangeConfirm, emailChangeVerify } from "./messages/email-change.ts";
import { passwordChanged, resetPassword } from "./messages/password.ts";
import { existingAccount, verifyEmail } from "./messages/sign-up.ts";
import { keyOf, linkTo } from "./one-time-link.ts";
import { createRequestOccasion } from "./request-occasion.ts";

export interface AccountMailsOptions {
  readonly mailer: Pick<Mailer, "post">;
  /** The origin under which browsers reach this server. */
  readonly publicUrl: string;
  /** The request header that says where a request came from. */
  readonly clientIpHeader: string;
  readonly place?: PlaceLookup | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly verifyForMs: number;
  readonly resetForMs: number;
}

interface Owner {
  readonly email: string;
  readonly name: string;
}

/** What Better Auth hands over. */
export interface MailRequest {
  readonly user: Owner;
  readonly token: string;
}

export type AccountMails = ReturnType<typeof createAccountMails>;

export function createAccountMails(options: AccountMailsOptions) {
  const { mailer, publicUrl, now, verifyForMs, resetForMs } = options;
  const occasionOf = createRequestOccasion(options);

  return {
    async verifyEmail({ user, token }: MailRequest): Promise<void> {
      const url = linkTo(publicUrl, pagePaths.verifyEmail, token);
      const message = verifyEmail({ url, expiresAt: now() + verifyForMs });
      mailer.post({ to: user.email, message }, keyOf("verify-email", token));
    },

    async resetPassword({ user, token }: MailRequest, request?: Request): Promise<void> {
      const url = linkTo(publicUrl, pagePaths.resetPassword, token);
      const occasion = occasionOf(request);
      const message = resetPassword({ name: user.name, occasion, url, expiresAt: now() + resetForMs });
      mailer.post({ to: user.email, message }, keyOf("reset-password", token));
    },

    /** Instead of `verifyEmail`, when the address has an account already. */
    existingAccount(user: Owner, request?: Request): void {
      const signInUrl = new URL(pagePaths.signIn, publicUrl).href;
      const message = existingAccount({ name: user.name, occasion: occasionOf(request), signInUrl });
      mailer.post({ to: user.email, message }, `existing-account:${randomUUID()}`);
    },

    passwordChanged(user: Owner, request?: Request): void {
      // A reset ends all sessions, whoever opened them.
      const notMeUrl = new URL(pagePaths.forgotPassword, publicUrl).href;
      const message = passwordChanged({ name: user.name, occasion: occasionOf(request), notMeUrl });
      mailer.post({ to: user.email, message }, `password-changed:${randomUUID()}`);
    },

    /** To the address that the account has. */
    emailChangeConfirm(
      { user, newEmail, token }: MailRequest & { newEmail: string },
      request?: Request,
    ): void {
      const url = linkTo(publicUrl, pagePaths.verifyEmail, token);
      const occasion = occasionOf(request);
      const expiresAt = now() + verifyForMs;
      const message = emailChangeConfirm({ name: user.name, newEmail, occasion, url, expiresAt });
      mailer.post({ to: user.email, message }, keyOf("email-change-confirm", token));
    },

    /** To the address that the account is to have. */
    emailChangeVerify({ user, token }: MailRequest): void {
      const url = linkTo(publicUrl, pagePaths.verifyEmail, token);
      const message = emailChangeVerify({ url, expiresAt: now() + verifyForMs });
      mailer.post({ to: user.email, message }, keyOf("email-change-verify", token));
    },

    async accountDeletion({ user, token }: MailRequest, request?: Request): Promise<void> {
      const url = linkTo(publicUrl, pagePaths.deleteAccount, token);
      const occasion = occasionOf(request);
      const expiresAt = now() + resetForMs;
      const message = accountDeletion({ name: user.name, occasion, url, expiresAt });
      mailer.post({ to: user.email, message }, keyOf("account-deletion", token));
    },
  };
}
