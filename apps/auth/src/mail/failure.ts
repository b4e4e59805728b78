// What a failed delivery means: whether to try again, and what may be said about it.

import { plain } from "./plain.ts";

export interface DeliveryFailure {
  /** The server refused this mail, and would do so again. */
  readonly permanent: boolean;
  /** It is about this mail; otherwise the next one would fare no better. */
  readonly aboutTheMail: boolean;
  /** Some 300 characters at most, without addresses, links and anything as long as a token. */
  readonly reason: string;
}

/** The fields that nodemailer hangs on its errors. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly permanent?: boolean;
}

/**
 * A refused sign-in or sender is a mistake in our set-up, which somebody mends while the mails wait. A refused recipient
 * or text is final with 5xx; with 4xx it is greylisting, a full mailbox or the like (RFC 5321, 4.2.1).
 */
const commandsAboutTheMail = ["RCPT TO", "DATA"];

export function failureOf(error: unknown): DeliveryFailure {
  const { code, command, permanent, message } = toError(error);
  const aboutTheMail = commandsAboutTheMail.includes(command ?? "") && permanent !== undefined;
  return {
    permanent: aboutTheMail && permanent === true,
    aboutTheMail,
    reason: [code, scrub(message)].filter(Boolean).join(": "),
  };
}

const toError = (error: unknown): SmtpError => (error instanceof Error ? error : new Error(String(error)));

/** A server's answer quotes what it does not like: the recipient, or the link whose token opens an account. */
function scrub(text: string): string {
  return plain(
    text
      .slice(0, 2_000)
      .replace(/\w+:\/\/\S+/g, "[link]")
      .replace(/\S+@\S+/g, "[address]")
      .replace(/[\w+/=%-]{20,}/g, "[…]"),
    300,
  );
}
