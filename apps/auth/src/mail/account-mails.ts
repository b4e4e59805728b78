// The mails that Better Auth asks for: each leads to a page of this server, and none delays the answer that caused it.

import type { PlaceLookup } from "@fluxstudio/guard";
import type { Mailer } from "./mailer.ts";
import { resetPassword } from "./messages/password.ts";
import { verifyEmail } from "./messages/sign-up.ts";
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

/** What Better Auth hands over. */
export interface MailRequest {
  readonly user: { readonly email: string; readonly name: string };
  readonly token: string;
}

export function createAccountMails(options: AccountMailsOptions) {
  const { mailer, publicUrl, now, verifyForMs, resetForMs } = options;
  const occasionOf = createRequestOccasion(options);

  return {
    async verifyEmail({ user, token }: MailRequest): Promise<void> {
      const url = linkTo(publicUrl, "/verify-email", token);
      const message = verifyEmail({ url, expiresAt: now() + verifyForMs });
      mailer.post({ to: user.email, message }, keyOf("verify-email", token));
    },

    async resetPassword({ user, token }: MailRequest, request?: Request): Promise<void> {
      const url = linkTo(publicUrl, "/reset-password", token);
      const occasion = occasionOf(request);
      const message = resetPassword({ name: user.name, occasion, url, expiresAt: now() + resetForMs });
      mailer.post({ to: user.email, message }, keyOf("reset-password", token));
    },
  };
}
