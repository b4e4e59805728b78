// An index over sorted IPv6 networks: which few of them stand around an address.
//
// They crowd: a thousand under one provider's /32, none in the next million of /32s, so that any fixed number of leading bits
// chooses badly somewhere. A node skips what all its networks have in common, and branches on as many of the bits after that as
// it has networks for (Nilsson and Karlsson, "IP-address lookup using LC-tries", 1999).

import { maskOf } from "./prefix.ts";

/** Shared memory throughout. */
export interface Trie {
  /** Eight words for each node: `skip` to `end`, and an address of which the first `skip` bits are those of all its entries. */
  readonly nodes: Uint32Array;
  /** For each branch, and one more for each node, how many entries are before it; or the place of its own node, and `isNode`. */
  readonly branches: Uint32Array;
}

/** Bits in common, bits to branch on, place of the first branch, entries before the node. What is read together lies together. */
const skipAt = 0;
const bitsAt = 1;
const firstAt = 2;
const fromAt = 3;
const prefixAt = 4;
const isNode = 2 ** 31;
/** So many entries are searched as they are. */
const leafSize = 16;
const stride = 5;
const mostBits = 18;

/** @param entries sorted, five words for each of `count`, of which the last is not looked at */
export function createTrie(entries: Uint32Array, count: number): Trie {
  const nodes: number[] = [];
  const branches: number[] = [];
  if (count > 0) addNode(0, count);
  return { nodes: sharedWords(nodes), branches: sharedWords(branches) };

  function addNode(from: number, to: number): void {
    const skip = Math.min(commonBits(entries, from, to - 1), 127);
    // A branch for about four entries.
    const bits = Math.min(mostBits, 128 - skip, Math.max(1, 29 - Math.clz32(to - from)));
    const first = branches.length;
    nodes.push(skip, bits, first, from, ...entries.subarray(from * stride, from * stride + 4));
    for (let entry = from, bucket = 0; bucket <= 2 ** bits; bucket++) {
      while (entry < to && bitsAfter(entries, entry * stride, skip) >>> (32 - bits) < bucket) entry++;
      branches.push(entry);
    }
    let end = to;
    for (let branch = first + 2 ** bits - 1; branch >= first; branch--) {
      const start = branches[branch] as number;
      // The same address may be listed by many sources, with many lengths: nothing to branch on.
      if (end - start > leafSize && commonBits(entries, start, end - 1) < 128) {
        branches[branch] = isNode + nodes.length;
        addNode(start, end);
      }
      end = start;
    }
  }
}

/** How many of the sorted entries are not above the address. */
export function countUpTo({ nodes, branches }: Trie, entries: Uint32Array, address: Uint32Array): number {
  if (nodes.length === 0) return 0;
  for (let node = 0; ; ) {
    const skip = nodes[node + skipAt] as number;
    const bits = nodes[node + bitsAt] as number;
    const first = nodes[node + firstAt] as number;
    const side = compare(address, nodes, node + prefixAt, skip);
    if (side < 0) return nodes[node + fromAt] as number;
    if (side > 0) return branches[first + (1 << bits)] as number;
    const branch = first + (bitsAfter(address, 0, skip) >>> (32 - bits));
    let low = branches[branch] as number;
    if (low >= isNode) {
      node = low - isNode;
      continue;
    }
    let high = branches[branch + 1] as number;
    if (high >= isNode) high = nodes[high - isNode + fromAt] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(address, entries, middle * stride, 128) >= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Below 0 if the first `bits` of the address are lower than those of the entry. */
function compare(address: Uint32Array, entries: Uint32Array, place: number, bits: number): number {
  for (let word = 0, left = bits; left > 0; word++, left -= 32) {
    const one = address[word] as number;
    const other = entries[place + word] as number;
    if (((one ^ other) & maskOf(left)) !== 0) return one < other ? -1 : 1;
  }
  return 0;
}

/** The 32 bits after the first `skip`, with zeros beyond the end of the address. */
function bitsAfter(words: Uint32Array, place: number, skip: number): number {
  const word = skip >>> 5;
  const shift = skip & 31;
  const first = words[place + word] as number;
  if (shift === 0) return first;
  return (first << shift) | (word === 3 ? 0 : (words[place + word + 1] as number) >>> (32 - shift));
}

/** How many leading bits two entries have in common, and all between them. */
function commonBits(entries: Uint32Array, one: number, other: number): number {
  for (let word = 0; word < 4; word++) {
    const difference = (entries[one * stride + word] as number) ^ (entries[other * stride + word] as number);
    if (difference !== 0) return word * 32 + Math.clz32(difference);
  }
  return 128;
}

function sharedWords(words: readonly number[]): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(words.length * 4));
  shared.set(words);
  return shared;
}
