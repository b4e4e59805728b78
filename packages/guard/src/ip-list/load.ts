// Loads all sources of a list and compiles them: the work of the thread beside.

import { failureOf, type IpListFailure } from "./failure.ts";
import { createGatherer, type SourceGatherer, type Tables } from "./gatherer.ts";
import { type IpListRules, resolveRules } from "./options.ts";
import { readEntries } from "./read-entries.ts";
import { openSource, type ReadLimits } from "./read-source.ts";
import type { SourceCounts } from "./report.ts";
import type { ResolvedSource, Validators } from "./source.ts";

export interface LoadJob {
  readonly sources: readonly ResolvedSource[];
  readonly rules: IpListRules;
  readonly limits: ReadLimits;
  /** What is in force, and by which it is seen whether a source has changed since. */
  readonly before?: { readonly tables: Tables; readonly validators: readonly (Validators | undefined)[] };
}

export type LoadedSource =
  | {
      readonly outcome: "loaded";
      readonly counts: SourceCounts & { readonly duplicates: number };
      readonly validators: Validators;
    }
  | { readonly outcome: "unchanged" }
  | {
      readonly outcome: "failed";
      readonly failure: IpListFailure;
      readonly counts?: SourceCounts | undefined;
    };

export interface LoadResult {
  /** Absent when nothing was loaded: what is in force stays. */
  readonly tables?: Tables;
  readonly sources: readonly LoadedSource[];
}

/** What is not loaded anew, because it failed or has not changed, is taken over from `before`. */
export async function load({ sources, rules, limits, before }: LoadJob): Promise<LoadResult> {
  const gatherer = createGatherer(resolveRules(rules));
  const found: LoadedSource[] = [];
  // What a source had keeps its room until it is its turn: one that grows must not drive out another.
  let reserved = before ? before.tables.ipv4.listed + before.tables.ipv6.listed : 0;
  // One after the other: only one text has to be held at a time, and entries are in the order of their sources.
  for (const [i, source] of sources.entries()) {
    if (before) reserved -= entriesOf(before.tables, i);
    const loaded = await loadSource(gatherer.begin(i, reserved), source, before?.validators[i], limits);
    if (loaded.outcome !== "loaded" && before) gatherer.carryOver(i, before.tables);
    found.push(loaded);
  }
  if (!found.some(({ outcome }) => outcome === "loaded")) return { sources: found };
  const { tables, duplicates } = gatherer.build();
  const counted = found.map((loaded, i) => {
    if (loaded.outcome !== "loaded") return loaded;
    const { counts } = loaded;
    return {
      ...loaded,
      counts: { ...counts, entries: counts.entries - duplicates(i), duplicates: duplicates(i) },
    };
  });
  return { tables, sources: counted };
}

async function loadSource(
  gathered: SourceGatherer,
  source: ResolvedSource,
  known: Validators | undefined,
  limits: ReadLimits,
): Promise<LoadedSource> {
  try {
    const opened = await openSource(source, known, limits);
    if (opened === "unchanged") return { outcome: "unchanged" };
    await readEntries(opened.chunks, (line) => {
      gathered.line(line);
      return !gathered.isFull;
    });
    const code = gathered.problem();
    if (code === undefined || (code === "EMPTY" && source.mayBeEmpty)) {
      return {
        outcome: "loaded",
        counts: { ...gathered.counts(), duplicates: 0 },
        validators: opened.validators,
      };
    }
    return failed({ code, detail: details[code] });
  } catch (error) {
    return failed(failureOf(error));
  }

  function failed(failure: IpListFailure): LoadedSource {
    const counts = gathered.counts();
    gathered.drop();
    return { outcome: "failed", failure, counts: counts.lines > 0 ? counts : undefined };
  }
}

function entriesOf({ ipv4, ipv6 }: Tables, source: number): number {
  let count = 0;
  for (const { sources } of [ipv4, ipv6]) {
    for (const one of sources) if (one === source) count++;
  }
  return count;
}

const details = {
  EMPTY: "it lists nothing, or nothing that is not exempt",
  NOT_A_LIST: "more of its lines are bad than good",
  TOO_MANY_ENTRIES: "with it the list has more networks than maxEntries",
  TOO_WIDE: "with it the list holds more addresses than largestShare",
};
