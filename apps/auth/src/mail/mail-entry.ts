// A mail of the outbox as an operator sees it: without its text, and without saying whose address it is.

import type { MailEntry } from "@fluxstudio/admin-api";
import type { MailRecord } from "./outbox-review.ts";

/** The server of the recipient stays, because that is what refuses mails; who it is stands behind the account's hash. */
export function mailEntry(mail: MailRecord, accountKey: (email: string) => string): MailEntry {
  const { recipient } = mail;
  const at = recipient.lastIndexOf("@");
  const masked = `${[...recipient.slice(0, at)][0] ?? ""}…${recipient.slice(at)}`;
  return { ...mail, recipient: masked, account: accountKey(recipient) };
}
