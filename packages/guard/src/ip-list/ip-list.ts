// A list of networks that is kept up to date from files and URLs, beside the work.

import { GuardError } from "../errors.ts";
import type { IpListFailure } from "./failure.ts";
import { createGatherer, type Tables } from "./gatherer.ts";
import type { LoadedSource, LoadResult } from "./load.ts";
import { createIpMatcher, type IpMatcher } from "./matcher.ts";
import { type IpListRules, resolveRules, wholeNumber } from "./options.ts";
import type { SourceCounts } from "./report.ts";
import { type RunningLoad, runLoad } from "./run-load.ts";
import { type IpListSource, resolveSources, type Validators } from "./source.ts";

export interface IpListOptions extends IpListRules {
  /** Text (one address, CIDR or range on a line; also what `ipset save` writes) or JSON. */
  readonly sources: readonly (string | URL | IpListSource)[];
  /** How often the sources are looked at again, in milliseconds; 0: only when `refresh` is called. @default 3_600_000 */
  readonly refreshMs?: number;
  /** Time for each source, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** Longest source, unpacked. @default 67_108_864 */
  readonly maxBytes?: number;
  /**
   * A directory in which what was taken of each URL last is kept: a process that starts while the URL fails lists that. Files are read
   * where they are.
   * @default nowhere
   */
  readonly keepIn?: string;
  /** Told of each refresh, also of the first: what was loaded, what was left out, and what failed. Must not throw. */
  readonly onRefresh: (report: RefreshReport) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

export interface SourceReport {
  readonly source: string;
  /** Of what failed or has not changed, what was loaded last is in force. */
  readonly outcome: "loaded" | "unchanged" | "failed";
  readonly failure?: IpListFailure | undefined;
  /** When what is in force was loaded, perhaps by an earlier process, milliseconds since 1970; undefined when nothing ever was. */
  readonly loadedAt?: number | undefined;
  /** Why it is not kept in `keepIn`: a code such as `ENOSPC`. */
  readonly notKept?: string | undefined;
  /** What is in force; or what was found in a source that failed when nothing is. */
  readonly counts?: (SourceCounts & { readonly duplicates?: number }) | undefined;
}

export interface RefreshReport {
  readonly at: number;
  /** Networks in force. */
  readonly size: number;
  /** Memory that they take. */
  readonly bytes: number;
  readonly sources: readonly SourceReport[];
}

export interface IpList extends IpMatcher {
  /** Looks at all sources now. Never rejects: what fails is in the report, and what was listed stays. */
  refresh(): Promise<RefreshReport>;
  /** Of the last refresh. */
  report(): RefreshReport;
  /** Ends refreshing; what is in force can still be asked. */
  close(): Promise<void>;
}

interface State {
  readonly validators?: Validators | undefined;
  readonly loadedAt?: number | undefined;
  readonly counts?: SourceReport["counts"];
}

/**
 * Resolves when each source was tried once. One that fails then is not listed until a refresh has it: the application starts, and
 * `onRefresh` says what is missing.
 *
 * @throws GuardError `INVALID_OPTIONS`
 */
export async function createIpList(options: IpListOptions): Promise<IpList> {
  const {
    refreshMs = 3_600_000,
    timeoutMs = 30_000,
    maxBytes = 2 ** 26,
    onRefresh,
    now = Date.now,
  } = options;
  const { purpose, exempt, shortestPrefix, largestShare, maxEntries, maxProblems } = options;
  const rules = { purpose, exempt, shortestPrefix, largestShare, maxEntries, maxProblems };
  const nothing = createGatherer(resolveRules(rules)).build().tables;
  const sources = resolveSources(options.sources, options.keepIn);
  const names = sources.map(({ name }) => name);
  wholeNumber("refreshMs", refreshMs, 0, 2 ** 31 - 1);
  const limits = {
    timeoutMs: wholeNumber("timeoutMs", timeoutMs, 1, 2 ** 31 - 1),
    maxBytes: wholeNumber("maxBytes", maxBytes, 1, 2 ** 29 - 1),
  };
  if (typeof onRefresh !== "function") {
    throw new GuardError(
      "INVALID_OPTIONS",
      "State `onRefresh`, a function that is told what could not be loaded.",
    );
  }

  let tables: Tables | undefined;
  let matcher = createIpMatcher(nothing, names);
  let states: readonly State[] = sources.map(() => ({}));
  let report: RefreshReport = { at: now(), size: 0, bytes: 0, sources: [] };
  let running: RunningLoad | undefined;
  let refreshing: Promise<RefreshReport> | undefined;
  let isClosed = false;

  async function refresh(): Promise<RefreshReport> {
    const before = tables && { tables, validators: states.map(({ validators }) => validators) };
    running = runLoad({ sources, rules, limits, ...(before && { before }) });
    const result = await running.result.catch(threadFailed);
    if (isClosed) return report;
    if (result.tables) {
      tables = result.tables;
      matcher = createIpMatcher(tables, names);
    }
    const at = now();
    states = result.sources.map((loaded, i) => stateAfter(loaded, states[i], at));
    const reports = result.sources.map((loaded, i) => reportOf(names[i] as string, loaded, states[i]));
    report = { at, size: matcher.size, bytes: bytesOf(tables ?? nothing), sources: reports };
    onRefresh(report);
    return report;
  }

  function threadFailed(error: unknown): LoadResult {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      sources: sources.map(() => ({ outcome: "failed", failure: { code: "COMPILE_FAILED", detail } })),
    };
  }

  const list: IpList = {
    has: (ip) => matcher.has(ip),
    match: (ip) => matcher.match(ip),
    matchNetwork: (network) => matcher.matchNetwork(network),
    get size() {
      return matcher.size;
    },
    refresh() {
      if (isClosed) return Promise.resolve(report);
      // Whoever asks while one is under way gets that one.
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
        running = undefined;
      });
      return refreshing;
    },
    report: () => report,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await running?.stop();
      await refreshing;
    },
  };
  await list.refresh();
  const timer = refreshMs > 0 ? setInterval(() => void list.refresh(), refreshMs).unref() : undefined;
  return list;
}

function bytesOf({ ipv4, ipv6 }: Tables): number {
  const arrays = [ipv4, ipv6].flatMap(({ entries, sources, lines }) => [entries, sources, lines]);
  return [...arrays, ipv4.index, ...Object.values(ipv6.trie)].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
}

function stateAfter(loaded: LoadedSource, before: State | undefined, at: number): State {
  if (loaded.outcome === "failed" && loaded.kept)
    return { loadedAt: loaded.kept.at, counts: loaded.kept.counts };
  if (loaded.outcome !== "loaded") return before ?? {};
  return { validators: loaded.validators, loadedAt: at, counts: loaded.counts };
}

function reportOf(source: string, loaded: LoadedSource, state: State | undefined): SourceReport {
  const { outcome } = loaded;
  const failed = outcome === "failed" ? loaded : undefined;
  return {
    source,
    outcome,
    failure: failed?.failure,
    loadedAt: state?.loadedAt,
    ...(loaded.outcome === "loaded" && loaded.notKept !== undefined && { notKept: loaded.notKept }),
    counts: state?.counts ?? failed?.counts,
  };
}
