// E-mail addresses of accounts: one spelling each, and none that only looks like another.

import { normaliseEmail } from "@fluxstudio/guard";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { z } from "zod";

/** RFC 5321, 4.5.3.1.3: 256 with the angle brackets. */
export const longestEmail = 254;

const fields = ["email", "newEmail"] as const;

/**
 * The spelling under which an account is kept: NFKC, lower case, no spaces around it, as the guard counts it.
 *
 * Only ASCII remains: Cyrillic "а" in a Latin address is another mailbox that no reader tells apart, and mixed scripts cannot
 * be told from words of one language by rules that fit here (UTS 39). Domains in other scripts have their "xn--" form.
 * @returns undefined when no account can have this address
 */
export function accountEmail(text: string): string | undefined {
  const email = normaliseEmail(text);
  return email.length <= longestEmail && z.email().safeParse(email).success ? email : undefined;
}

/** Brings the addresses in a body to their one spelling before an endpoint reads them. */
export function emailAddresses() {
  return {
    id: "flux-email-addresses",
    hooks: {
      before: [
        {
          matcher: () => true,
          handler: createAuthMiddleware(async ({ body }) => {
            const given = fields.filter((field) => typeof body?.[field] === "string");
            if (given.length === 0) return;
            const emails = given.map((field) => [field, toEmail(body[field])]);
            return { context: { body: { ...body, ...Object.fromEntries(emails) } } };
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

function toEmail(text: string): string {
  const email = accountEmail(text);
  if (email !== undefined) return email;
  throw new APIError("BAD_REQUEST", { code: "INVALID_EMAIL", message: "This is no e-mail address." });
}
