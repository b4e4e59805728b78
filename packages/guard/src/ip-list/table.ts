// The networks of one family as sorted arrays, and the search for the most specific one around an address.

import { isWithin, maskOf } from "./prefix.ts";
import { countUpTo, type Trie } from "./trie.ts";

/**
 * Sorted by network, then from short prefixes to long ones, so that what holds a network stands before it. CIDRs nest or are apart,
 * never half of each: the last entry at or before an address either holds the address, or one of the entries around it does.
 * All arrays are shared memory, so that a table goes from thread to thread as it is.
 */
interface NetworkTable {
  readonly count: number;
  /** How many entries are listed ones; the others are holes. */
  readonly listed: number;
  /**
   * For each entry the words of its first address, and then its place in the nest: 8 bits of prefix length, and above them the
   * number of the smallest entry around it, counted from 1, or 0. Side by side, because most of a look-up is waiting for memory.
   */
  readonly entries: Uint32Array;
  /** Which source says so; `holeSource` for a hole. */
  readonly sources: Uint8Array;
  /** Where the source says so. */
  readonly lines: Uint32Array;
}

export interface Ipv4Table extends NetworkTable {
  /** How many entries lie before the first with these leading bits: a number for each of them, and `count`. */
  readonly index: Uint32Array;
}

export interface Ipv6Table extends NetworkTable {
  readonly trie: Trie;
}

/** An entry of this source is a hole: whatever is listed around it does not count there. */
export const holeSource = 255;
export const ipv4Stride = 2;
export const ipv6Stride = 5;

export const lengthOf = (place: number): number => place & 255;
/** The entry around, -1 when there is none. */
export const around = (place: number): number => (place >>> 8) - 1;

/** The place of the most specific network that holds the address, -1 when none does. */
export function findIpv4({ entries, index }: Ipv4Table, address: number): number {
  // 2^b + 1 entries, of which the leading b bits choose one.
  const bucket = address >>> (Math.clz32(index.length - 1) + 1);
  let low = index[bucket] as number;
  let high = index[bucket + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle * ipv4Stride] as number) <= address) low = middle + 1;
    else high = middle;
  }
  let at = low - 1;
  while (at >= 0) {
    const place = entries[at * ipv4Stride + 1] as number;
    if (((address ^ (entries[at * ipv4Stride] as number)) & maskOf(lengthOf(place))) === 0) return at;
    at = around(place);
  }
  return -1;
}

/** The same for an address of four words. */
export function findIpv6({ entries, trie }: Ipv6Table, address: Uint32Array): number {
  let at = countUpTo(trie, entries, address) - 1;
  while (at >= 0) {
    const place = entries[at * ipv6Stride + 4] as number;
    if (isWithin(address, entries, at * ipv6Stride, lengthOf(place))) return at;
    at = around(place);
  }
  return -1;
}
