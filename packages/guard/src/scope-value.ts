// A scope's value as somebody typed it, in the one form under which it is counted and decided.

import { ipScopeValue, normaliseIp, parseCidr } from "./client/ip-prefix.ts";
import { GuardError } from "./errors.ts";
import type { Scope } from "./scopes.ts";
import { maxFieldLength } from "./signal.ts";

/**
 * `ip` 2001:DB8::1 becomes 2001:db8::/64, `ip-prefix` 203.0.113.7/24 becomes 203.0.113.0/24, the address of an `account+ip` as an `ip`; other scopes stay as they are.
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
  if (scope === "account+ip") {
    const { account, ip } = split(text);
    return `${account} ${normaliseScopeValue("ip", ip)}`;
  }
  return scope === "ip-prefix" ? parseCidr(text) : text;
}

/** Where a scope/value is counted, and with which tag: an account's failures from one address are some of that address's. */
export function countedUnder(scope: Scope, value: string): { scope: Scope; value: string; tag?: string } {
  if (scope !== "account+ip") return { scope, value };
  const { account, ip } = split(value);
  return { scope: "ip", value: ip, tag: account };
}

/** @throws GuardError `INVALID_DECISION` */
function split(text: string): { readonly account: string; readonly ip: string } {
  const space = text.lastIndexOf(" ");
  if (space < 1)
    throw new GuardError("INVALID_DECISION", "account+ip is an account, a space and an address.");
  return { account: text.slice(0, space), ip: text.slice(space + 1) };
}
