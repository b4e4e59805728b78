// Reads X-Forwarded-For and RFC 7239 Forwarded headers from the right, the end that the nearest proxy wrote.
import { normaliseIp } from "./ip-prefix.ts";

/** The header that the proxies in front set. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded";

/** More hops than any real chain has; a longer one is somebody's invention. */
const MAX_HOPS = 32;
/** The rightmost characters that are looked at. */
const MAX_HEADER_LENGTH = 4096;

/**
 * The addresses in the header, nearest hop first. `undefined` stands for an entry that names no address: garbage,
 * `unknown`, or an obfuscated `_identifier` (RFC 7239 section 6).
 *
 * Read from the right, because only that end is written by a proxy: a stray quotation mark in what the client
 * sent cannot swallow the entries that the proxies appended.
 */
export function* hopsFromRight(header: string, kind: ForwardedHeader): Generator<string | undefined> {
  const text = header.length > MAX_HEADER_LENGTH ? header.slice(-MAX_HEADER_LENGTH) : header;
  let end = text.length;
  for (let hops = 0; hops < MAX_HOPS && end >= 0; hops++) {
    const comma = kind === "forwarded" ? separatorBefore(text, end, ",") : text.lastIndexOf(",", end - 1);
    const start = end === 0 ? -1 : comma;
    const entry = text.slice(start + 1, end).trim();
    end = start;
    const address = addressIn(kind === "forwarded" ? forParameter(entry) : entry);
    // A copy: addresses become keys that live long, and a string cut out of the header would keep all of it alive.
    yield address === undefined ? undefined : Buffer.from(address).toString();
  }
}

/** An address with an optional port: `192.0.2.1:4711`, `[2001:db8::1]:443`, `2001:db8::1`. */
function addressIn(node: string | undefined): string | undefined {
  if (node === undefined || node.length > 80) return undefined;
  const bracketed = /^\[([^\]]*)\](?::\w+)?$/.exec(node);
  if (bracketed) return bracketed[1]?.includes(":") ? normaliseIp(bracketed[1]) : undefined;
  const colon = node.indexOf(":");
  const isIpv4WithPort = colon > 0 && colon === node.lastIndexOf(":") && /^:\w+$/.test(node.slice(colon));
  return normaliseIp(isIpv4WithPort ? node.slice(0, colon) : node);
}

/** The value of `for=` in one forwarded-element: a token, or a quoted string with backslash escapes (RFC 7230). */
function forParameter(element: string): string | undefined {
  let end = element.length;
  while (end >= 0) {
    const start = end === 0 ? -1 : separatorBefore(element, end, ";");
    const pair = element.slice(start + 1, end).trim();
    end = start;
    if (pair.slice(0, 4).toLowerCase() !== "for=") continue;
    const value = pair.slice(4);
    if (!value.startsWith('"')) return value;
    return value.endsWith('"') && value.length > 1 ? value.slice(1, -1).replace(/\\(.)/g, "$1") : undefined;
  }
  return undefined;
}

/** The last separator before `end` that is not inside quotes; -1 if there is none. */
function separatorBefore(text: string, end: number, separator: string): number {
  let quoted = false;
  for (let index = end - 1; index >= 0; index--) {
    const character = text[index];
    if (character === '"' && text[index - 1] !== "\\") quoted = !quoted;
    else if (character === separator && !quoted) return index;
  }
  return -1;
}
