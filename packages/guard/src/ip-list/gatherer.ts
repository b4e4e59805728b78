// Gathers the networks of all sources of a list under its rules, and compiles them into tables.

import { type EntryTaker, type IpListLineCode, readEntryLine } from "./entry-line.ts";
import { mostExempt, type Network } from "./exempt.ts";
import { createIpv4Index } from "./ipv4-index.ts";
import type { ResolvedRules } from "./options.ts";
import { type Family, wordCount } from "./prefix.ts";
import { type LineProblem, type SourceCounts, shown } from "./report.ts";
import { holeSource, type Ipv4Table, type Ipv6Table, lengthOf } from "./table.ts";
import { createTableBuilder } from "./table-builder.ts";
import { createTrie } from "./trie.ts";

/** What a list is made of; shared memory, so that it goes from thread to thread as it is. */
export interface Tables {
  readonly ipv4: Ipv4Table;
  readonly ipv6: Ipv6Table;
}

/** What makes a source useless as a whole. */
export type ListProblem = "EMPTY" | "NOT_A_LIST" | "TOO_MANY_ENTRIES" | "TOO_WIDE";

export interface Gatherer {
  /**
   * @param source its number, 0 to 63; sources come one after the other
   * @param reserved how many networks may still have to be carried over for sources after it
   */
  begin(source: number, reserved: number): SourceGatherer;
  /** Takes over what an earlier compilation had of this source. */
  carryOver(source: number, tables: Tables): void;
  build(): { readonly tables: Tables; readonly duplicates: (source: number) => number };
}

export interface SourceGatherer {
  /** @param text one line without its end */
  line(text: string): void;
  /** True once no further line can change the end: the list holds all that it may. */
  readonly isFull: boolean;
  counts(): SourceCounts;
  /** To be asked when all lines are read. */
  problem(): ListProblem | undefined;
  /** Takes nothing of this source after all. */
  drop(): void;
}

/** 2000::/3, the part of IPv6 that is handed out. */
const usedShareOfIpv6 = 1 / 8;

export function createGatherer(rules: ResolvedRules): Gatherer {
  const { exempt, shortestPrefix, largestShare, maxEntries, maxProblems } = rules;
  // What is carried over has room of its own, and so have the holes.
  const most = maxEntries + mostExempt;
  const builders = { 4: createTableBuilder(4, most), 6: createTableBuilder(6, most) };
  const holes = new Set<Network>();
  /** Shares of the address space; what is listed twice counts twice. */
  const shares = { 4: 0, 6: 0 };

  function add(family: Family, words: Uint32Array, length: number, source: number, line: number): void {
    builders[family].add(words, length, source, line);
    shares[family] += 2 ** -length;
    for (const hole of exempt.within(family, words, length)) holes.add(hole);
  }

  return {
    begin(source, reserved) {
      const before = { counts: [builders[4].count, builders[6].count] as const, shares: { ...shares } };
      const problems: LineProblem[] = [];
      let [lines, entries, hostBits, problemCount, bad] = [0, 0, 0, 0, 0];
      let isFull = false;
      let current = "";

      function refuse(code: IpListLineCode): void {
        problemCount++;
        // What is exempt is a network all the same: lists of addresses that nobody should come from name the private ones.
        if (code !== "EXEMPT") bad++;
        if (problems.length < maxProblems) problems.push({ line: lines, code, text: shown(current) });
      }

      function take(family: Family, words: Uint32Array, length: number): void {
        if (builders[4].count + builders[6].count + reserved >= maxEntries) {
          isFull = true;
          return;
        }
        entries++;
        add(family, words, length, source, lines);
      }

      const taker: EntryTaker = {
        take(family, words, length, hadHostBits) {
          if (length < shortestPrefix[family]) refuse("TOO_BROAD");
          else if (exempt.holds(family, words, length)) refuse("EXEMPT");
          else {
            if (hadHostBits) hostBits++;
            take(family, words, length);
          }
        },
        takeRange(family, pieces) {
          const listed = pieces.filter(({ first, length }) => !exempt.holds(family, first, length));
          if (pieces.some(({ length }) => length < shortestPrefix[family])) refuse("TOO_BROAD");
          else if (listed.length === 0) refuse("EXEMPT");
          else for (const { first, length } of listed) take(family, first, length);
        },
        refuse,
      };

      function problem(): ListProblem | undefined {
        if (isFull) return "TOO_MANY_ENTRIES";
        // Somebody's error page, on which our own address may stand in a line of its own.
        if (bad > entries) return "NOT_A_LIST";
        if (entries === 0) return "EMPTY";
        // Nothing is more than all there is.
        const share = Math.min(1, Math.max(shares[4], shares[6] / usedShareOfIpv6));
        return share > largestShare ? "TOO_WIDE" : undefined;
      }

      return {
        get isFull() {
          return isFull;
        },
        line(text) {
          lines++;
          current = text;
          readEntryLine(text, taker);
        },
        counts: () => ({ lines, entries, hostBits, problemCount, problems }),
        problem,
        drop() {
          builders[4].truncate(before.counts[0]);
          builders[6].truncate(before.counts[1]);
          Object.assign(shares, before.shares);
        },
      };
    },

    carryOver(source, { ipv4, ipv6 }) {
      for (const [family, table] of [[4, ipv4] as const, [6, ipv6] as const]) {
        const size = wordCount[family];
        for (let i = 0; i < table.count; i++) {
          if (table.sources[i] !== source) continue;
          const place = i * (size + 1);
          const words = table.entries.subarray(place, place + size);
          const length = lengthOf(table.entries[place + size] as number);
          add(family, words, length, source, table.lines[i] as number);
        }
      }
    },

    build() {
      for (const { family, words, length } of holes) builders[family].add(words, length, holeSource, 0);
      const { duplicates: repeats4, ...four } = builders[4].build();
      const { duplicates: repeats6, ...six } = builders[6].build();
      return {
        tables: {
          ipv4: { ...four, index: createIpv4Index(four.entries, four.count) },
          ipv6: { ...six, trie: createTrie(six.entries, six.count) },
        },
        duplicates: (source) => (repeats4.get(source) ?? 0) + (repeats6.get(source) ?? 0),
      };
    },
  };
}
