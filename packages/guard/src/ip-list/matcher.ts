// Looks addresses up in compiled tables, and says which network of which source holds one.

import { readCidr, textOf } from "../client/ip-prefix.ts";
import { ipv6, none, readAddress } from "./address.ts";
import type { Tables } from "./gatherer.ts";
import {
  around,
  findIpv4,
  findIpv6,
  holeSource,
  type Ipv4Table,
  type Ipv6Table,
  ipv4Stride,
  ipv6Stride,
  lengthOf,
} from "./table.ts";

/** Why an address is on a list. */
export interface IpListMatch {
  /** The most specific network that is listed, in canonical form: `203.0.113.0/24`. */
  readonly prefix: string;
  /** The name of the source that lists it; of several, the first. */
  readonly source: string;
  /** Where the source says so; in JSON, the number of the entry. */
  readonly line: number;
}

export interface IpMatcher {
  /** False for text that is no address, as for an address that is not listed. */
  has(ip: string): boolean;
  match(ip: string): IpListMatch | undefined;
  /** The same for a network such as `203.0.113.0/24`: the most specific one that is listed and holds all of it. */
  matchNetwork(network: string): IpListMatch | undefined;
  /** Networks, counted once for each source that lists them. */
  readonly size: number;
}

const words = new Uint32Array(4);

/** @param sources names, by number */
export function createIpMatcher({ ipv4, ipv6: ipv6Table }: Tables, sources: readonly string[]): IpMatcher {
  function has(ip: string): boolean {
    switch (readAddress(ip, 0, ip.length, words)) {
      case none:
        return ip.includes("%") && has(withoutZone(ip));
      case ipv6:
        return isListed(ipv6Table, findIpv6(ipv6Table, words));
      default:
        return isListed(ipv4, findIpv4(ipv4, words[0] as number));
    }
  }

  function match(ip: string): IpListMatch | undefined {
    switch (readAddress(ip, 0, ip.length, words)) {
      case none:
        return ip.includes("%") ? match(withoutZone(ip)) : undefined;
      case ipv6:
        return describe(ipv6Table, ipv6Stride, findIpv6(ipv6Table, words));
      default:
        return describe(ipv4, ipv4Stride, findIpv4(ipv4, words[0] as number));
    }
  }

  function matchNetwork(network: string): IpListMatch | undefined {
    const cidr = readCidr(network);
    if (!cidr) return undefined;
    const { family, prefixLength } = cidr;
    const address = Uint32Array.from(cidr.words);
    const [table, stride, found] =
      family === 6
        ? ([ipv6Table, ipv6Stride, findIpv6(ipv6Table, address)] as const)
        : ([ipv4, ipv4Stride, findIpv4(ipv4, address[0] as number)] as const);
    const placeOf = (entry: number) => table.entries[(entry + 1) * stride - 1] as number;
    let at = found;
    // What is longer holds the first address of it, and not the last.
    while (at >= 0 && lengthOf(placeOf(at)) > prefixLength) at = around(placeOf(at));
    return describe(table, stride, at);
  }

  function describe(table: Ipv4Table | Ipv6Table, stride: number, found: number): IpListMatch | undefined {
    if (!isListed(table, found)) return undefined;
    const placeOf = (entry: number) => table.entries[(entry + 1) * stride - 1] as number;
    const length = lengthOf(placeOf(found));
    let first = found;
    // Another source's entry for the same network stands around this one.
    for (let next = around(placeOf(found)); next >= 0 && lengthOf(placeOf(next)) === length; ) {
      first = next;
      next = around(placeOf(next));
    }
    const network = Array.from(table.entries.subarray(first * stride, (first + 1) * stride - 1));
    const source = sources[table.sources[first] as number] ?? "";
    return { prefix: `${textOf(network)}/${length}`, source, line: table.lines[first] as number };
  }

  return { has, match, matchNetwork, size: ipv4.listed + ipv6Table.listed };
}

/** As `normaliseIp` does: a zone names a network card of this machine, and no other address. */
function withoutZone(ip: string): string {
  return ip.length > 64 ? "" : ip.slice(0, ip.indexOf("%"));
}

const isListed = ({ sources }: Ipv4Table | Ipv6Table, at: number): boolean =>
  at >= 0 && sources[at] !== holeSource;
