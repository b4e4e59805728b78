// Counts distinct values in bounded memory: exactly while they are few, and about when they are many.

import { hash } from "node:crypto";

/** The smallest hashes of all values, ascending. Two of them put together are that of all values of both. */
export type Sketch = readonly number[];

export interface DistinctCount {
  readonly count: number;
  readonly isExact: boolean;
}

/**
 * How many hashes are kept. An estimate is then off by 4 percent on average: 1 / sqrt(k - 2), see Bar-Yossef et al., "Counting
 * distinct elements in a data stream" (2002), and Beyer et al. (2007) for the unbiased form.
 */
export const kept = 512;
const space = 2 ** 52;

export function addTo(sketch: Sketch, values: Iterable<string>): Sketch {
  let found = sketch;
  for (const value of values) found = insert(found, hashOf(value));
  return found;
}

/** One at a time is how an attack from ten thousand addresses comes, on the thread that answers requests: nearly all change nothing. */
function insert(sketch: Sketch, hash: number): Sketch {
  if (hash >= (sketch[kept - 1] ?? space)) return sketch;
  const place = sketch.findLastIndex((other) => other < hash) + 1;
  return sketch[place] === hash ? sketch : sketch.toSpliced(place, 0, hash).slice(0, kept);
}

export function mergeSketches(one: Sketch, other: Sketch): Sketch {
  return [...new Set([...one, ...other])].sort((a, b) => a - b).slice(0, kept);
}

export function countOf(sketch: Sketch): DistinctCount {
  if (sketch.length < kept) return { count: sketch.length, isExact: true };
  const largest = sketch[kept - 1] ?? space;
  return { count: Math.round(((kept - 1) * space) / Math.max(1, largest)), isExact: false };
}

const hashOf = (value: string): number => Number.parseInt(hash("sha256", value, "hex").slice(0, 13), 16);
