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

export function createTableBuilder(family: Family): TableBuilder {
  const size = wordCount[family];
  let room = 256;
  let keys = new Uint32Array(room * size);
  let lengths = new Uint8Array(room);
  let sources = new Uint8Array(room);
  let lines = new Uint32Array(room);
  let count = 0;

  function grow(): void {
    room *= 2;
    keys = larger(keys, new Uint32Array(room * size));
    lengths = larger(lengths, new Uint8Array(room));
    sources = larger(sources, new Uint8Array(room));
    lines = larger(lines, new Uint32Array(room));
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

function larger<Items extends Uint8Array | Uint32Array>(items: Items, into: Items): Items {
  into.set(items);
  return into;
}
