// What an owner hears about sign-ins and sessions that may be somebody else's.

import type { Message } from "../message.ts";
import { factsOf, greet, type Occasion } from "../occasion.ts";

export interface SignInNotice {
  readonly name: string;
  readonly occasion: Occasion;
  /** Where the owner says so: ends the session in question, and starts a reset. */
  readonly notMeUrl: string;
}

export function newDevice({ name, occasion, notMeUrl }: SignInNotice): Message {
  return {
    template: "new-device",
    title: "New sign-in to your account",
    greeting: greet(name),
    paragraphs: ["Somebody signed in to your account on a device that has not been used for it before."],
    facts: factsOf(occasion),
    action: { label: "This wasn't me", url: notMeUrl },
    afterwards: [
      "If it was you, there is nothing to do. If it was not, the button ends that session and lets you set a new password.",
    ],
  };
}

export function secondFactorFailed({ name, occasion, notMeUrl }: SignInNotice): Message {
  return {
    template: "second-factor-failed",
    title: "Somebody knows your password",
    greeting: greet(name),
    paragraphs: [
      "Somebody gave the right password for your account, but failed at the second step, and was not let in.",
    ],
    facts: factsOf(occasion),
    action: { label: "This wasn't me", url: notMeUrl },
    afterwards: [
      "If it was you, there is nothing to do. If it was not, your password is known to somebody else: the button lets you set a new one.",
    ],
  };
}

/** RFC 9700, 4.14.2: one of two holders of a refresh token is a thief, and nobody can tell which; so both are out. */
export function refreshTokenReuse({ name, occasion, notMeUrl }: SignInNotice): Message {
  return {
    template: "refresh-token-reuse",
    title: "We ended one of your sessions",
    greeting: greet(name),
    paragraphs: [
      "A key that keeps a device signed in to your account was used twice, which happens when it has been copied. To be safe, we ended that session: whoever used it has to sign in again.",
    ],
    facts: factsOf(occasion),
    action: { label: "Secure my account", url: notMeUrl },
    afterwards: [
      "Your password was not used for this. If you see this mail more than once, look for unwanted programs on your device, and set a new password with the button.",
    ],
  };
}
