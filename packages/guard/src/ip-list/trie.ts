// An index over sorted IPv6 networks: which few of them stand around an address.
//
// They crowd: a thousand under one provider's /32, none in the next million of /32s, so that any fixed number of leading bits
// chooses badly somewhere. A node skips what all its networks have in common, and branches on as many of the bits after that as
// it has networks for (Nilsson and Karlsson, "IP-address lookup using LC-tries", 1999).

import { maskOf } from "./prefix.ts";

/** Shared memory throughout. */
export interface Trie {
  /** Three words for each node: bits in common, bits to branch on, place of its first branch. */
  readonly nodes: Uint32Array;
  /** Two words for each branch, and one branch more for each node: entries before it, and its own node or `leaf`. */
  readonly branches: Uint32Array;
}

/** The root is nobody's branch. */
const leaf = 0;
/** So many entries are searched as they are. */
const leafSize = 8;
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
    nodes.push(skip, bits, first);
    let entry = from;
    for (let bucket = 0; bucket <= 2 ** bits; bucket++) {
      while (entry < to && bitsAfter(entries, entry * stride, skip) >>> (32 - bits) < bucket) entry++;
      branches.push(entry, leaf);
    }
    for (let branch = first; branch < first + 2 ** (bits + 1); branch += 2) {
      const [start, end] = [branches[branch] as number, branches[branch + 2] as number];
      // The same address may be listed by many sources, with many lengths: nothing to branch on.
      if (end - start <= leafSize || commonBits(entries, start, end - 1) === 128) continue;
      branches[branch + 1] = nodes.length / 3;
      addNode(start, end);
    }
  }
}

/** How many of the sorted entries are not above the address. */
export function countUpTo({ nodes, branches }: Trie, entries: Uint32Array, address: Uint32Array): number {
  if (nodes.length === 0) return 0;
  for (let node = 0; ; ) {
    const skip = nodes[node] as number;
    const bits = nodes[node + 1] as number;
    const first = nodes[node + 2] as number;
    const from = branches[first] as number;
    const side = compare(address, entries, from * stride, skip);
    if (side < 0) return from;
    if (side > 0) return branches[first + (2 << bits)] as number;
    const branch = first + 2 * (bitsAfter(address, 0, skip) >>> (32 - bits));
    const child = branches[branch + 1] as number;
    if (child !== leaf) {
      node = child * 3;
      continue;
    }
    let low = branches[branch] as number;
    let high = branches[branch + 2] as number;
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
