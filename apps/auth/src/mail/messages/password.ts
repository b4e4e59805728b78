// What an owner hears about the password: how to set a new one, and that it was changed.

import type { Message } from "../message.ts";
import { factsOf, greet, type Occasion, timeInWords } from "../occasion.ts";

export interface ResetPassword {
  readonly name: string;
  readonly occasion: Occasion;
  readonly url: string;
  readonly expiresAt: number;
}

export function resetPassword({ name, occasion, url, expiresAt }: ResetPassword): Message {
  return {
    template: "reset-password",
    title: "Set a new password",
    greeting: greet(name),
    paragraphs: ["Somebody asked for a new password for your account."],
    facts: factsOf(occasion),
    action: { label: "Set a new password", url },
    afterwards: [
      `The link works once, until ${timeInWords(expiresAt)}.`,
      "If it was not you, there is nothing to do: your password stays as it is, and nobody has the link but you.",
    ],
    usefulUntil: expiresAt,
  };
}

export interface PasswordChanged {
  readonly name: string;
  readonly occasion: Occasion;
  /** Where the owner takes the account back: ends all sessions, and starts a reset. */
  readonly notMeUrl: string;
}

export function passwordChanged({ name, occasion, notMeUrl }: PasswordChanged): Message {
  return {
    template: "password-changed",
    title: "Your password was changed",
    greeting: greet(name),
    paragraphs: ["The password of your account was changed, and all other sessions were ended."],
    facts: factsOf(occasion),
    action: { label: "This wasn't me", url: notMeUrl },
    afterwards: [
      "If it was you, there is nothing to do. If it was not, the button ends all sessions and lets you set another password.",
    ],
  };
}
