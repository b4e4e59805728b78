// Which new passwords are taken: long enough, not the ones that everybody tries, in no known breach. No rules of composition.

import { normaliseEmail } from "@fluxstudio/guard";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import type { BreachedPasswords } from "./breached-passwords.ts";
import { isCommonPassword } from "./common-passwords.ts";
import { normalisePassword } from "./unicode-passwords.ts";

export interface PasswordPolicyOptions {
  /** In characters, as Unicode counts them. */
  readonly minLength: number;
  /** Undefined: only the list that comes along is asked. */
  readonly breached?: BreachedPasswords | undefined;
}

export interface PasswordProblem {
  readonly code: "PASSWORD_TOO_SHORT" | "PASSWORD_CONTAINS_EMAIL" | "PASSWORD_COMMON" | "PASSWORD_BREACHED";
  readonly message: string;
}

/** NIST SP 800-63B-4, 3.1.1.2: at least 64 must be possible. */
export const maxPasswordLength = 128;

/**
 * NIST SP 800-63B-4, 3.1.1.2: whole passwords are compared with lists of common, expected and compromised ones, and the reason
 * for a refusal is told.
 */
export async function findPasswordProblem(
  given: string,
  email: string | undefined,
  { minLength, breached }: PasswordPolicyOptions,
): Promise<PasswordProblem | undefined> {
  const password = normalisePassword(given);
  if ([...password].length < minLength) {
    return { code: "PASSWORD_TOO_SHORT", message: `Use at least ${minLength} characters.` };
  }
  if (email !== undefined && holdsEmail(password, normaliseEmail(email))) {
    return { code: "PASSWORD_CONTAINS_EMAIL", message: "Use a password without your e-mail address in it." };
  }
  if (await isCommonPassword(password)) {
    return {
      code: "PASSWORD_COMMON",
      message: "This password is among the first that are tried. Use another.",
    };
  }
  // Breaches hold what people typed, which is not always the normal form.
  if (await breached?.includes(given)) {
    return {
      code: "PASSWORD_BREACHED",
      message: "This password is known from a breach elsewhere. Use another.",
    };
  }
  return undefined;
}

/** The field of the new password, by endpoint. */
const newPasswords: { readonly [path: string]: string } = {
  "/sign-up/email": "password",
  "/change-password": "newPassword",
  "/reset-password": "newPassword",
};

export function passwordPolicy(options: PasswordPolicyOptions) {
  return {
    id: "flux-password-policy",
    hooks: {
      before: [
        {
          matcher: ({ path }) => Object.hasOwn(newPasswords, path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            const password = ctx.body?.[newPasswords[ctx.path] as string];
            // The endpoint refuses what is no password; nobody waits for a service because of it.
            if (typeof password !== "string" || password.length > maxPasswordLength) return;
            const email = await emailFor(ctx);
            if (email === undefined) return;
            const problem = await findPasswordProblem(password, email, options);
            if (problem) throw new APIError("BAD_REQUEST", { ...problem });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Whose password it is to be; undefined for somebody without session or link, whom the endpoint turns away. */
async function emailFor(ctx: GenericEndpointContext): Promise<string | undefined> {
  const { internalAdapter } = ctx.context;
  switch (ctx.path) {
    case "/change-password":
      return (await getSessionFromCtx(ctx))?.user.email;
    case "/reset-password": {
      const token = ctx.body.token || ctx.query?.token;
      if (typeof token !== "string") return undefined;
      const found = await internalAdapter.findVerificationValue(`reset-password:${token}`);
      return found ? (await internalAdapter.findUserById(found.value))?.email : undefined;
    }
    default:
      return String(ctx.body.email);
  }
}

function holdsEmail(password: string, email: string): boolean {
  const text = password.toLowerCase();
  return text.includes(email) || text === email.slice(0, email.lastIndexOf("@"));
}
