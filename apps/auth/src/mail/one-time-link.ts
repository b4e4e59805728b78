// Links in mails that hold a token, and what such a mail is known by.

import { createHash } from "node:crypto";
import type { MailTemplate } from "./message.ts";

/** The address of a page of this server, with a one-time token. */
export function linkTo(publicUrl: string, path: string, token: string): string {
  const url = new URL(path, publicUrl);
  url.searchParams.set("token", token);
  return url.href;
}

/** Names the event by its token, which nobody finds in the key. */
export function keyOf(template: MailTemplate, token: string): string {
  return `${template}:${createHash("sha256").update(token).digest("base64url")}`;
}
