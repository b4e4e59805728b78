// Admins are made by operators: an account whose address counts as confirmed, with a password that a sign-up would take.

import { accountEmail } from "./accounts/email-address.ts";
import { findPasswordProblem, type PasswordPolicyOptions } from "./accounts/password-policy.ts";
import type { Auth } from "./auth.ts";
import { isTaken } from "./database/taken.ts";

export interface NewAdmin {
  readonly email: string;
  readonly password: string;
}

interface Made {
  readonly id: string;
  readonly email: string;
  readonly role: "admin";
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const exists: Refusal = { code: "EXISTS", message: "This e-mail has an account." };

export async function createAdmin(
  auth: Auth,
  policy: PasswordPolicyOptions,
  { email: given, password }: NewAdmin,
): Promise<Made | Refusal> {
  const email = accountEmail(given);
  if (email === undefined) return { code: "INVALID_EMAIL", message: "This is no e-mail address." };
  const problem = await findPasswordProblem(password, email, policy);
  if (problem) return problem;
  const { internalAdapter, password: passwords } = await auth.$context;
  if (await internalAdapter.findUserByEmail(email)) return exists;
  // First, so that no account is left without a password when the machine has no time for it.
  const hash = await passwords.hash(password);
  try {
    const user = await internalAdapter.createUser(
      { email, name: email, emailVerified: true, role: "admin" },
      { method: "admin" },
    );
    const account = { userId: user.id, providerId: "credential", accountId: user.id, password: hash };
    await internalAdapter.linkAccount(account);
    return { id: user.id, email: user.email, role: "admin" };
  } catch (error) {
    // Somebody signed up with it at the same moment.
    if (isTaken(error)) return exists;
    throw error;
  }
}
