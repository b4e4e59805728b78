// Addresses as they stand in logs, in the canonical form that the guard counts under.

import { normaliseIp } from "../client/ip-prefix.ts";

/** Reading an IPv6 address is slow, and a log has each of them many times. */
const maxKnown = 4096;

export type ReadAddress = (text: string) => string | undefined;

/** Undefined for what is no address. Takes `[2001:db8::1]` as well. */
export function createReadAddress(): ReadAddress {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!text.includes(":")) return normaliseIp(text);
    if (text.length > 64) return undefined;
    if (known.has(text)) return known.get(text);
    const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
    const ip = normaliseIp(bare);
    if (known.size >= maxKnown) known.clear();
    // A copy, because a cut-out key would hold its whole chunk of the log in memory.
    known.set(Buffer.from(text, "latin1").toString("latin1"), ip);
    return ip;
  };
}

/** `203.0.113.7:4711` and `[2001:db8::1]:4711` without the port. */
export function withoutPort(text: string): string {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return text;
  // Bare IPv6 has several colons, and no port to tell from its last group.
  return text.indexOf(":") === colon || text[colon - 1] === "]" ? text.slice(0, colon) : text;
}
