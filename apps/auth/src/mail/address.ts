// Mail addresses: which ones can be written to, and which of them share a mailbox.

import { normaliseEmail } from "@fluxstudio/guard";

export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** The characters of RFC 5321's dot-string and domain, beyond ASCII too; no quoted local part, no address literal. */
const address = /^[^\s"(),:;<>@[\\\]\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;
const named = /^([^<>@"\p{C}]{0,100})<([^<>]+)>$/u;
/** RFC 5321, 4.5.3.1.3: 256 with the angle brackets. */
const longest = 254;

/** Whether the text is one address and nothing else: a list, a header or a route in its place would reach others. */
export function isMailAddress(text: string): boolean {
  return text.length <= longest && address.test(text);
}

/** Reads `ada@example.com` or `Ada Lovelace <ada@example.com>`. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const [, name = "", inside = text.trim()] = named.exec(text.trim()) ?? [];
  return isMailAddress(inside) ? { name: name.trim(), address: inside } : undefined;
}

/**
 * What mails to an address are counted under. Many servers deliver `ada+anything@` and `a.d.a@` to one mailbox, so
 * somebody who wants to fill it would otherwise never run out of spellings. That two people on another server share a
 * count by it does them no harm.
 */
export function mailboxOf(text: string): string {
  const normal = normaliseEmail(text);
  const at = normal.lastIndexOf("@");
  const local = normal.slice(0, at).replace(/\+.*$/, "").replaceAll(".", "");
  return `${local}${normal.slice(at)}`;
}
