// Gathers networks of one family in any order, and makes sorted arrays of them.

import { type Family, isWithin, wordCount } from "./prefix.ts";
import { sortedOrder } from "./radix-order.ts";
import { around, holeSource, lengthOf } from "./table.ts";

export interface TableBuilder {
  readonly count: number;
  /** @param words of the network's first address; they are copied */
  add(words: Uint32Array, length: number, source: number, line: number): void;
  /** Forgets what was added after the first `count`. */
  truncate(count: number): void;
  build(): BuiltTable;
}

/** The arrays of a table, without an index. */
export interface BuiltTable {
  readonly count: number;
  readonly listed: number;
  readonly entries: Uint32Array;
  readonly sources: Uint8Array;
  readonly lines: Uint32Array;
  /** How often each source repeated a network of its own; only the first time is kept. */
  readonly duplicates: ReadonlyMap<number, number>;
}

/** @param most how many entries there will be at most; only those that are there take memory */
export function createTableBuilder(family: Family, most: number): TableBuilder {
  const size = wordCount[family];
  const reserve = (bytes: number) => new ArrayBuffer(0, { maxByteLength: most * bytes });
  const [keyBytes, lengthBytes, sourceBytes, lineBytes] = [
    reserve(size * 4),
    reserve(1),
    reserve(1),
    reserve(4),
  ];
  const keys = new Uint32Array(keyBytes);
  const lengths = new Uint8Array(lengthBytes);
  const sources = new Uint8Array(sourceBytes);
  const lines = new Uint32Array(lineBytes);
  let room = 0;
  let count = 0;

  // In place: what is copied again and again leaves holes in the memory of the process that outlive the thread.
  function grow(): void {
    room = Math.min(most, Math.max(1024, room * 2));
    keyBytes.resize(room * size * 4);
    lengthBytes.resize(room);
    sourceBytes.resize(room);
    lineBytes.resize(room * 4);
  }

  /** Sources are added one after the other, so that what one repeats stands side by side. */
  function isRepeat(one: number, other: number): boolean {
    if (lengths[one] !== lengths[other] || sources[one] !== sources[other]) return false;
    for (let word = 0; word < size; word++) {
      if (keys[one * size + word] !== keys[other * size + word]) return false;
    }
    return true;
  }

  return {
    get count() {
      return count;
    },
    add(words, length, source, line) {
      if (count === room) grow();
      for (let word = 0; word < size; word++) keys[count * size + word] = words[word] as number;
      lengths[count] = length;
      sources[count] = source;
      lines[count] = line;
      count++;
    },
    truncate(to) {
      count = to;
    },
    build() {
      const order = sortedOrder(keys, size, lengths, count);
      const duplicates = new Map<number, number>();
      let kept = 0;
      for (const entry of order) {
        if (kept > 0 && isRepeat(order[kept - 1] as number, entry)) {
          const source = sources[entry] as number;
          duplicates.set(source, (duplicates.get(source) ?? 0) + 1);
        } else order[kept++] = entry;
      }
      return { ...tableOf(order.subarray(0, kept)), duplicates };
    },
  };

  function tableOf(order: Uint32Array): Omit<BuiltTable, "duplicates"> {
    const stride = size + 1;
    const table = {
      count: order.length,
      entries: new Uint32Array(new SharedArrayBuffer(order.length * stride * 4)),
      sources: new Uint8Array(new SharedArrayBuffer(order.length)),
      lines: new Uint32Array(new SharedArrayBuffer(order.length * 4)),
    };
    let listed = 0;
    for (let i = 0; i < order.length; i++) {
      const entry = order[i] as number;
      for (let word = 0; word < size; word++) {
        table.entries[i * stride + word] = keys[entry * size + word] as number;
      }
      table.entries[i * stride + size] = lengths[entry] as number;
      table.sources[i] = sources[entry] as number;
      table.lines[i] = lines[entry] as number;
      if (sources[entry] !== holeSource) listed++;
    }
    nest(table.entries, size);
    return { ...table, listed };
  }
}

/** Writes the number of the entry around each entry above its length. */
function nest(entries: Uint32Array, size: number): void {
  const stride = size + 1;
  const nestOf = (entry: number) => entries[entry * stride + size] as number;
  for (let i = 0; i * stride < entries.length; i++) {
    const words = entries.subarray(i * stride, i * stride + size);
    let outer = i - 1;
    while (outer >= 0 && !isWithin(words, entries, outer * stride, lengthOf(nestOf(outer)))) {
      outer = around(nestOf(outer));
    }
    entries[i * stride + size] = ((outer + 1) << 8) | nestOf(i);
  }
}
