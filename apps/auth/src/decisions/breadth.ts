// Whether a decision would be about so many that it has to be meant: a slip of the keyboard must not lock everybody out.

import { normaliseScopeValue, type Scope } from "@fluxstudio/guard";

/** No holder of addresses has been given more than a /8, and none of IPv6 more than a /16. */
const shortestPrefix = { ipv4: 8, ipv6: 16 };

export const tooBroad = {
  code: "TOO_BROAD",
  message:
    'This is about everybody, or about a range shorter than /8 (IPv6: /16). If it is meant, send "force": true, or say --force.',
};

/** @throws GuardError `INVALID_ADDRESS`, `INVALID_DECISION` */
export function concernsTooMany(scope: Scope, text: string): boolean {
  if (scope === "global") return true;
  if (scope !== "ip-prefix") return false;
  const [address = "", length] = normaliseScopeValue(scope, text).split("/");
  return Number(length) < (address.includes(":") ? shortestPrefix.ipv6 : shortestPrefix.ipv4);
}
