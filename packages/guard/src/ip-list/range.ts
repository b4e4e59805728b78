// Cuts a range of addresses into the fewest CIDRs.

import { type Family, longest } from "./prefix.ts";

export interface Piece {
  /** Words of the first address. */
  readonly first: Uint32Array;
  readonly length: number;
}

/**
 * At most 62 pieces for IPv4, 254 for IPv6.
 *
 * @returns undefined when the range ends before it begins
 */
export function splitRange(family: Family, first: Uint32Array, last: Uint32Array): Piece[] | undefined {
  const bits = longest[family];
  let from = numberOf(first, bits);
  const end = numberOf(last, bits);
  if (from > end) return undefined;
  const pieces: Piece[] = [];
  while (from <= end) {
    // The largest block that begins here and does not go beyond the end.
    let free = 0;
    while (free < bits) {
      const block = 1n << BigInt(free + 1);
      if (from % block !== 0n || from + block - 1n > end) break;
      free++;
    }
    pieces.push({ first: wordsOf(from, bits), length: bits - free });
    from += 1n << BigInt(free);
  }
  return pieces;
}

function numberOf(words: Uint32Array, bits: number): bigint {
  let number = 0n;
  for (let i = 0; i < bits / 32; i++) number = (number << 32n) | BigInt(words[i] as number);
  return number;
}

function wordsOf(number: bigint, bits: number): Uint32Array {
  const words = new Uint32Array(bits / 32);
  for (let i = words.length - 1, rest = number; i >= 0; i--, rest >>= 32n)
    words[i] = Number(rest & 0xffffffffn);
  return words;
}
