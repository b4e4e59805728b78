// An index over sorted IPv4 networks: which few of them stand around an address.

/**
 * How many entries lie before the first with these leading bits, for each value of them and one more: about four entries for each,
 * so that what remains of the search stays within a few cache lines.
 *
 * @param entries sorted; two words for each of `count`, of which the second is not looked at
 */
export function createIpv4Index(entries: Uint32Array, count: number): Uint32Array {
  const bits = Math.min(18, Math.max(1, 30 - Math.clz32(count)));
  const index = new Uint32Array(new SharedArrayBuffer((2 ** bits + 1) * 4));
  let entry = 0;
  for (let bucket = 0; bucket < index.length; bucket++) {
    while (entry < count && (entries[entry * 2] as number) >>> (32 - bits) < bucket) entry++;
    index[bucket] = entry;
  }
  return index;
}
