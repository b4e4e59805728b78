// A change of address is confirmed at the old one and then at the new one.

import type { Message } from "../message.ts";
import { factsOf, greet, type Occasion, timeInWords } from "../occasion.ts";
import { plain } from "../plain.ts";

export interface EmailChangeConfirm {
  readonly name: string;
  readonly newEmail: string;
  readonly occasion: Occasion;
  readonly url: string;
  readonly expiresAt: number;
}

/** To the old address. */
export function emailChangeConfirm(change: EmailChangeConfirm): Message {
  const { name, newEmail, occasion, url, expiresAt } = change;
  return {
    template: "email-change-confirm",
    title: "Confirm the change of your e-mail address",
    greeting: greet(name),
    paragraphs: [
      `Somebody who is signed in to your account wants to change its address to ${plain(newEmail, 254)}.`,
    ],
    facts: factsOf(occasion),
    action: { label: "Allow the change", url },
    afterwards: [
      `The link works once, until ${timeInWords(expiresAt)}. The new address is then asked to confirm, too.`,
      "If it was not you, do not allow it: somebody else is signed in as you. Change your password, which ends all other sessions.",
    ],
    usefulUntil: expiresAt,
  };
}

export interface EmailChangeVerify {
  readonly url: string;
  readonly expiresAt: number;
}

/** To the new address, which may be a stranger's: it says nothing about the account. */
export function emailChangeVerify({ url, expiresAt }: EmailChangeVerify): Message {
  return {
    template: "email-change-verify",
    title: "Confirm your new e-mail address",
    paragraphs: [
      "Somebody wants to use this address for an account. If it was you, confirm that it is yours.",
    ],
    action: { label: "Confirm address", url },
    afterwards: [
      `The link works once, until ${timeInWords(expiresAt)}.`,
      "If it was not you, there is nothing to do: an address that nobody confirms is not used.",
    ],
    usefulUntil: expiresAt,
  };
}
