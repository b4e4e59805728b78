// What a list is for and what it may hold: read once, with every mistake named.

import { GuardError } from "../errors.ts";
import { type Exempt, privateNetworks, readExempt } from "./exempt.ts";
import { longest } from "./prefix.ts";

export interface IpListRules {
  /**
   * A blocklist never matches `exempt` networks. Both kinds refuse what is too broad: a /0 blocks the world in the one, and switches
   * the other lists off in the other.
   */
  readonly purpose: "allowlist" | "blocklist";
  /** Networks that the list may not name and never matches. @default `privateNetworks` for a blocklist, none for an allowlist */
  readonly exempt?: readonly string[];
  /** Prefixes shorter than this are refused, line by line. @default { ipv4: 8, ipv6: 16 } */
  readonly shortestPrefix?: { readonly ipv4?: number; readonly ipv6?: number };
  /**
   * The share of all IPv4 addresses, and of the IPv6 addresses in use (2000::/3), that the sources may hold together, 0 to 1.
   * What is listed twice counts twice.
   * @default 0.25
   */
  readonly largestShare?: number;
  /** Networks in all sources together, a range being as many as it is cut into. @default 1_000_000 */
  readonly maxEntries?: number;
  /** How many bad lines of each source are reported one by one; all are counted. @default 20 */
  readonly maxProblems?: number;
}

export interface ResolvedRules {
  readonly exempt: Exempt;
  readonly shortestPrefix: { readonly 4: number; readonly 6: number };
  readonly largestShare: number;
  readonly maxEntries: number;
  readonly maxProblems: number;
}

/** An entry's place in the nest has 24 bits; and this is some hundred megabytes. */
const mostEntries = 10_000_000;

/** @throws GuardError `INVALID_OPTIONS` */
export function resolveRules(rules: IpListRules): ResolvedRules {
  const { purpose, shortestPrefix: { ipv4 = 8, ipv6 = 16 } = {}, largestShare = 0.25 } = rules;
  const { maxEntries = 1_000_000, maxProblems = 20 } = rules;
  if (purpose !== "allowlist" && purpose !== "blocklist") {
    throw new GuardError("INVALID_OPTIONS", 'State the `purpose`: "allowlist" or "blocklist".');
  }
  if (!(largestShare >= 0 && largestShare <= 1)) {
    throw new GuardError("INVALID_OPTIONS", "largestShare must be a number from 0 to 1.");
  }
  return {
    exempt: readExempt(rules.exempt ?? (purpose === "blocklist" ? privateNetworks : [])),
    shortestPrefix: {
      4: wholeNumber("shortestPrefix.ipv4", ipv4, 0, longest[4]),
      6: wholeNumber("shortestPrefix.ipv6", ipv6, 0, longest[6]),
    },
    largestShare,
    maxEntries: wholeNumber("maxEntries", maxEntries, 1, mostEntries),
    maxProblems: wholeNumber("maxProblems", maxProblems, 0, 1000),
  };
}

/** @throws GuardError `INVALID_OPTIONS` unless the value is a whole number from `least` to `most` */
export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new GuardError("INVALID_OPTIONS", `${name} must be a whole number from ${least} to ${most}.`);
}
