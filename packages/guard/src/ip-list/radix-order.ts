// The order in which networks are sorted: by address, then by prefix length, and as they came where both are the same.

/**
 * A radix sort, byte by byte from the least significant one: linear, stable, and the same for one word and for four. A comparing
 * sort of a million entries by two fields takes several times as long.
 *
 * @param keys `stride` words for each of `count` entries
 * @returns the entries' places, in order
 */
export function sortedOrder(
  keys: Uint32Array,
  stride: number,
  lengths: Uint8Array,
  count: number,
): Uint32Array {
  let order = new Uint32Array(count).map((_, i) => i);
  let next = new Uint32Array(count);
  const places = new Uint32Array(257);

  function sortBy(words: Uint8Array | Uint32Array, step: number, offset: number, shift: number): void {
    places.fill(0);
    for (let i = 0; i < count; i++) {
      const byte = ((words[i * step + offset] as number) >>> shift) & 255;
      places[byte + 1] = (places[byte + 1] as number) + 1;
    }
    // Many bytes of addresses are the same in all entries: nothing to do.
    if (places.includes(count, 1)) return;
    for (let byte = 1; byte < 257; byte++) {
      places[byte] = (places[byte] as number) + (places[byte - 1] as number);
    }
    for (let i = 0; i < count; i++) {
      const entry = order[i] as number;
      const byte = ((words[entry * step + offset] as number) >>> shift) & 255;
      const place = places[byte] as number;
      places[byte] = place + 1;
      next[place] = entry;
    }
    [order, next] = [next, order];
  }

  sortBy(lengths, 1, 0, 0);
  for (let word = stride - 1; word >= 0; word--) {
    for (let shift = 0; shift < 32; shift += 8) sortBy(keys, stride, word, shift);
  }
  return order;
}
