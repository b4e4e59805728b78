// A scope's value as somebody typed it, in the one form under which it is counted and decided.

import { ipScopeValue, normaliseIp, parseCidr } from "./client/ip-prefix.ts";
import { GuardError } from "./errors.ts";
import type { Scope } from "./scopes.ts";
import { maxFieldLength } from "./signal.ts";

/**
 * `ip` 2001:DB8::1 becomes 2001:db8::/64, `ip-prefix` 203.0.113.7/24 becomes 203.0.113.0/24; other scopes stay as they are.
 * @throws GuardError `INVALID_ADDRESS`, `INVALID_DECISION`
 */
export function normaliseScopeValue(scope: Scope, text: string): string {
  if (text.length === 0 || text.length > maxFieldLength) {
    throw new GuardError("INVALID_DECISION", `A value has 1 to ${maxFieldLength} characters.`);
  }
  if (scope === "ip") {
    const [address = "", length] = text.split("/");
    const ip = normaliseIp(address);
    const value = ip === undefined ? undefined : ipScopeValue(ip);
    // What `ipScopeValue` made itself (an IPv6 /64) is taken back in; any other prefix belongs to the scope ip-prefix.
    if (value === undefined || (length !== undefined && value !== text)) {
      throw new GuardError(
        "INVALID_ADDRESS",
        `"${text}" is no IP address. For a range use the scope ip-prefix.`,
      );
    }
    return value;
  }
  return scope === "ip-prefix" ? parseCidr(text) : text;
}

/** Where a scope/value is counted, and with which tag: an account's failures from one address are some of that address's. */
export function countedUnder(scope: Scope, value: string): { scope: Scope; value: string; tag?: string } {
  const space = value.lastIndexOf(" ");
  if (scope !== "account+ip" || space < 0) return { scope, value };
  return { scope: "ip", value: value.slice(space + 1), tag: value.slice(0, space) };
}
