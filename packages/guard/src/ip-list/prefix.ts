// Addresses and prefixes as 32-bit words: one for IPv4, four for IPv6.

/** The words of an address of each family. */
export const wordCount = { 4: 1, 6: 4 } as const;
export const longest = { 4: 32, 6: 128 } as const;
export type Family = 4 | 6;

/** The mask of a word of which the first `bits` (below 1: none, above 31: all) belong to the network. */
export function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

/** Whether the `length` bits of `words` from `place` on are the first ones of `address` too. */
export function isWithin(address: Uint32Array, words: Uint32Array, place: number, length: number): boolean {
  for (let word = 0, left = length; left > 0; word++, left -= 32) {
    const difference = (address[word] as number) ^ (words[place + word] as number);
    if (difference !== 0 && (difference & maskOf(left)) !== 0) return false;
  }
  return true;
}
