// Loads all sources of a list and compiles them: the work of the thread beside.

import { stat } from "node:fs/promises";
import { createCopy } from "./copy.ts";
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
      /** Why it is not kept for the next start, where it should be. */
      readonly notKept?: string | undefined;
    }
  | { readonly outcome: "unchanged" }
  | {
      readonly outcome: "failed";
      readonly failure: IpListFailure;
      readonly counts?: SourceCounts | undefined;
      /** What an earlier process had taken of it, which is in force for now. */
      readonly kept?: Kept | undefined;
    };

interface Kept {
  /** When it was taken, milliseconds since 1970. */
  readonly at: number;
  readonly counts: SourceCounts & { readonly duplicates: number };
}

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
    const begin = () => gatherer.begin(i, reserved);
    const loaded = await loadSource(begin(), source, before?.validators[i], limits);
    if (loaded.outcome !== "loaded" && before) gatherer.carryOver(i, before.tables);
    if (loaded.outcome === "failed" && !before)
      found.push({ ...loaded, kept: await loadKept(begin, source, limits) });
    else found.push(loaded);
  }
  if (!found.some(bringsEntries)) return { sources: found };
  const { tables, duplicates } = gatherer.build();
  const without = (counts: SourceCounts, i: number) => ({
    ...counts,
    entries: counts.entries - duplicates(i),
    duplicates: duplicates(i),
  });
  const counted = found.map((loaded, i): LoadedSource => {
    if (loaded.outcome === "loaded") return { ...loaded, counts: without(loaded.counts, i) };
    if (loaded.outcome !== "failed" || !loaded.kept) return loaded;
    return { ...loaded, kept: { ...loaded.kept, counts: without(loaded.kept.counts, i) } };
  });
  return { tables, sources: counted };
}

const bringsEntries = (one: LoadedSource): boolean =>
  one.outcome === "loaded" || (one.outcome === "failed" && one.kept !== undefined);

/** What an earlier process had taken, under the rules of this one. */
async function loadKept(
  begin: () => SourceGatherer,
  source: ResolvedSource,
  limits: ReadLimits,
): Promise<Kept | undefined> {
  const { copy, ...rest } = source;
  const stats = copy === undefined ? undefined : await stat(copy).catch(() => undefined);
  if (copy === undefined || !stats) return undefined;
  const loaded = await loadSource(begin(), { ...rest, kind: "file", from: copy }, undefined, limits);
  return loaded.outcome === "loaded" ? { at: stats.mtimeMs, counts: loaded.counts } : undefined;
}

async function loadSource(
  gathered: SourceGatherer,
  source: ResolvedSource,
  known: Validators | undefined,
  limits: ReadLimits,
): Promise<LoadedSource> {
  const copy = source.copy === undefined ? undefined : createCopy(source.copy);
  try {
    const opened = await openSource(source, known, limits);
    if (opened === "unchanged") return { outcome: "unchanged" };
    await readEntries(copy ? copy.of(opened.chunks) : opened.chunks, (line) => {
      gathered.line(line);
      return !gathered.isFull;
    });
    const code = gathered.problem();
    if (code === undefined || (code === "EMPTY" && source.mayBeEmpty)) {
      return {
        outcome: "loaded",
        counts: { ...gathered.counts(), duplicates: 0 },
        validators: opened.validators,
        notKept: await copy?.keep(),
      };
    }
    return failed({ code, detail: details[code] });
  } catch (error) {
    return failed(failureOf(error));
  } finally {
    await copy?.drop();
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
