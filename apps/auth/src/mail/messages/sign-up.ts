// What the owner of an address hears when somebody signs up with it.

import type { Message } from "../message.ts";
import { factsOf, greet, type Occasion, timeInWords } from "../occasion.ts";

export interface VerifyEmail {
  readonly url: string;
  readonly expiresAt: number;
}

/** Without the name that was typed: a stranger may have chosen it, and this address, to have us deliver his words. */
export function verifyEmail({ url, expiresAt }: VerifyEmail): Message {
  return {
    template: "verify-email",
    title: "Confirm your e-mail address",
    paragraphs: ["Somebody signed up with this address. If it was you, confirm that the address is yours."],
    action: { label: "Confirm address", url },
    afterwards: [
      `The link works until ${timeInWords(expiresAt)}.`,
      "If it was not you, there is nothing to do: an address that nobody confirms is not used.",
    ],
    usefulUntil: expiresAt,
  };
}

export interface ExistingAccount {
  readonly name: string;
  readonly occasion: Occasion;
  readonly signInUrl: string;
}

/** Goes out instead of `verifyEmail`, so that the page answers alike whether there is an account or not. */
export function existingAccount({ name, occasion, signInUrl }: ExistingAccount): Message {
  return {
    template: "existing-account",
    title: "You already have an account",
    greeting: greet(name),
    paragraphs: [
      "Somebody tried to sign up with your address. You have an account already, so no second one was made.",
    ],
    facts: factsOf(occasion),
    action: { label: "Sign in", url: signInUrl },
    afterwards: [
      "If you have forgotten your password, ask for a new one on that page.",
      "If it was not you, there is nothing to do. Whoever it was has not been told that you have an account.",
    ],
  };
}
