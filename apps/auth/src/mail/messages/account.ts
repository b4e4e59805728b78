// What an owner hears about the account as a whole: that it is guessed at, and that it is about to be deleted.

import type { Message } from "../message.ts";
import { factsOf, greet, type Occasion, timeInWords } from "../occasion.ts";

export interface AccountLocked {
  readonly name: string;
  /** Makes the browser that opens it a known one. */
  readonly url: string;
  readonly expiresAt: number;
}

export function accountLocked({ name, url, expiresAt }: AccountLocked): Message {
  return {
    template: "account-locked",
    title: "Somebody is guessing your password",
    greeting: greet(name),
    paragraphs: [
      "There were many wrong passwords for your account, one after the other. Nobody got in. On devices that you have not used before, a password alone no longer signs anybody in.",
      "On a device that you have used before, sign in as always. On any other, open this link there, and then sign in:",
    ],
    action: { label: "Use this device", url },
    afterwards: [
      `The link works once, until ${timeInWords(expiresAt)}. Later, "Forgot password" gets you in.`,
      "If you can sign in, there is nothing to do. A password that you use nowhere else is safe.",
    ],
    usefulUntil: expiresAt,
  };
}

export interface AccountDeletion {
  readonly name: string;
  readonly occasion: Occasion;
  readonly url: string;
  readonly expiresAt: number;
}

export function accountDeletion({ name, occasion, url, expiresAt }: AccountDeletion): Message {
  return {
    template: "account-deletion",
    title: "Confirm that your account is to be deleted",
    greeting: greet(name),
    paragraphs: [
      "Somebody who is signed in to your account asked for its deletion. It cannot be undone: all that belongs to the account is deleted with it.",
    ],
    facts: factsOf(occasion),
    action: { label: "Delete my account", url },
    afterwards: [
      `The link works once, until ${timeInWords(expiresAt)}.`,
      "If it was not you, do not follow it: somebody else is signed in as you. Change your password, which ends all other sessions.",
    ],
    usefulUntil: expiresAt,
  };
}
