// What takes a mail out of the outbox: an SMTP server, or a directory of files.

import type { SendMailOptions } from "nodemailer";
import type { MailAddress } from "./address.ts";

export interface MailTransport {
  /** Where the mails go, for the log; without a password. */
  readonly description: string;
  /**
   * Resolves when the mail is somebody else's to deliver.
   * @throws what `failureOf` makes something of
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface OutgoingMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The mail as nodemailer takes it. */
export function toMimeMessage(mail: OutgoingMail, from: MailAddress): SendMailOptions {
  return {
    from: { ...from },
    // As an object it is one address, whatever commas it holds.
    to: { name: "", address: mail.recipient },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // The same at each try, so that a mail that is sent again after a lost answer can be known for a copy.
    messageId: `<${mail.id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`,
    date: new Date(mail.createdAt),
    // RFC 3834: keeps absence notices from answering.
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
