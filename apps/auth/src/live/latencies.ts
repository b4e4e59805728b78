// Latencies counted by their size, so that a million of them take no more room than ten, and percentiles are near.

/** 2 ** (1 / 8): neighbouring sizes are 9 % apart, and the middle of one at most 4.5 % off. */
const sizesPerDoubling = 8;
/** In milliseconds: what is shorter counts as this. */
const shortestMs = 1 / 64;
/** Up to two minutes; what is longer counts as that. */
const sizes = 23 * sizesPerDoubling;

export interface Latencies {
  add(durationMs: number): void;
  readonly count: number;
  /** @param share from 0 to 1; 0.99 for p99. Not to be asked while there are none. */
  percentileMs(share: number): number;
}

export function createLatencies(): Latencies {
  const counts = new Uint32Array(sizes);
  let count = 0;
  return {
    add(durationMs) {
      const size = Math.floor(Math.log2(durationMs / shortestMs) * sizesPerDoubling);
      const place = Math.min(Math.max(size, 0), sizes - 1);
      counts[place] = (counts[place] ?? 0) + 1;
      count++;
    },
    get count() {
      return count;
    },
    percentileMs(share) {
      const wanted = Math.max(1, Math.ceil(share * count));
      let seen = 0;
      let size = 0;
      while (size < sizes - 1) {
        seen += counts[size] ?? 0;
        if (seen >= wanted) break;
        size++;
      }
      return shortestMs * 2 ** ((size + 0.5) / sizesPerDoubling);
    },
  };
}
