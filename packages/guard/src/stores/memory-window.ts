// One sliding window in memory: at most `limit` entries, the newest kept.

import {
  countAfter,
  dropOldest,
  type Entries,
  hasEntry,
  insertEntry,
  removeEntry,
  removeTagged,
} from "./memory-entries.ts";
import type {
  Backoff,
  Burst,
  PerTag,
  Row,
  ShareResult,
  WindowOperation,
  WindowResult,
  WindowState,
} from "./window-store.ts";

export interface MemoryWindow extends Entries {
  readonly name: string;
  windowMs: number;
  /** Latest time seen: the window's own time, so that late signals cannot turn it back. */
  now: number;
  crossedAt: number | undefined;
  burstCrossedAt: number | undefined;
  row: RowState | undefined;
}

interface RowState {
  count: number;
  startedAt: number;
  until: number;
  keepMs: number;
}

type Operation<Kind> = Extract<WindowOperation, { kind: Kind }>;

export const createMemoryWindow = (name: string, at: number, windowMs: number): MemoryWindow => ({
  name,
  windowMs,
  now: at,
  times: [],
  keys: undefined,
  tags: undefined,
  crossedAt: undefined,
  burstCrossedAt: undefined,
  row: undefined,
});

/** `count` and `reserve`. @param score of the scope/value, for the answer */
export function countEntry(
  window: MemoryWindow,
  operation: Operation<"count" | "reserve">,
  score: number | undefined,
): WindowResult {
  const { kind, at, id, limit, burst, backoff, row, perTag } = operation;
  advance(window, at);
  const { now } = window;
  const known = hasEntry(window, at, id);
  const full = window.times.length >= limit;
  const before = perTag && shareOf(window, operation, perTag);
  const refused =
    kind === "reserve" &&
    (full ||
      (burst !== undefined && countAfter(window, now - burst.windowMs) >= burst.threshold) ||
      before?.isFull === true ||
      (row !== undefined && inRow(window, at) >= row.threshold) ||
      (backoff !== undefined && at < (waitEnd(window.times, backoff) ?? 0)));
  let admitted = known;
  if (!known && inWindow(window, at) && !refused) {
    insertEntry(window, at, id, operation.tag);
    if (full) dropOldest(window, 1);
    if (row) addToRow(window, row, at);
    admitted = true;
  }
  const counted = kind === "count" && admitted;
  const crossed = counted && cross(window, operation.threshold);
  const inBurst = burst ? countAfter(window, now - burst.windowMs) : 0;
  const rowLength = row ? inRow(window, at) : 0;
  const share = perTag && shareOf(window, operation, perTag);
  // One shape for every answer: what reads them stays fast.
  return {
    count: window.times.length,
    admitted,
    crossed,
    oldestAt: window.times[0],
    burst: burst && { count: inBurst, crossed: counted && crossBurst(window, burst, inBurst) },
    // A row only grows, so its threshold is crossed by the entry that makes it as long.
    row: row && { count: rowLength, crossed: counted && !known && rowLength === row.threshold },
    share: share && toShareResult(share, counted && !before?.isFull),
    freeAt: backoff && waitEnd(window.times, backoff),
    score,
  };
}

/** `distinct`: a member seen again is moved to its latest time, unless it counts by its first. */
export function recordMember(window: MemoryWindow, operation: Operation<"distinct">): WindowResult {
  const { at, member, since, limit, threshold } = operation;
  advance(window, at);
  const place = placeOf(window, member);
  const known = place >= 0;
  const moves = known && since === "latest" && (window.times[place] as number) < at;
  let admitted = false;
  if (inWindow(window, at) && (!known || moves)) {
    if (known) removeEntry(window, place);
    insertEntry(window, at, member);
    if (window.times.length > limit) dropOldest(window, 1);
    admitted = !known;
  }
  const crossed = admitted && cross(window, threshold);
  return { count: window.times.length, admitted, crossed, oldestAt: window.times[0] };
}

/** `recent`: remembers an entry and answers with those before it. */
export function recall(window: MemoryWindow, operation: Operation<"recent">): WindowResult {
  const { at, entry, limit } = operation;
  advance(window, at);
  const entries = window.times
    .map((time, place) => ({ at: time, entry: window.keys?.[place] ?? "" }))
    .filter((one) => one.at <= at)
    .reverse();
  const again = hasEntry(window, at, entry);
  if (!again && inWindow(window, at)) {
    insertEntry(window, at, entry);
    if (window.times.length > limit) dropOldest(window, 1);
  }
  const { times } = window;
  return { count: times.length, admitted: !again, crossed: false, oldestAt: times[0], entries };
}

/** An entry from before the row began is none of it. */
export function releaseEntry(window: MemoryWindow, id: string): void {
  const place = placeOf(window, id);
  if (place < 0) return;
  const at = removeEntry(window, place);
  const { row } = window;
  if (row && row.count > 0 && at >= row.startedAt) row.count--;
}

/** Takes out the entries with this tag, or all; what is left may cross the threshold again. */
export function clearTag(window: MemoryWindow, tag: string | undefined): void {
  if (tag === undefined) window.row = undefined;
  if (!removeTagged(window, tag)) return;
  window.crossedAt = undefined;
  window.burstCrossedAt = undefined;
}

/** The window's own state, before it that of each shorter length, behind it that of its row, where something still counts. */
export function statesOf(window: MemoryWindow, { at, lengths = [], tag }: Operation<"peek">): WindowState[] {
  const asked = lengths.filter((one) => one.window === window.name && one.windowMs < window.windowMs);
  const states = [...asked, window].flatMap(({ windowMs }) => {
    const start = Math.max(at, window.now) - windowMs;
    const counted = window.times.filter(
      (time, place) => time > start && (tag === undefined || window.tags?.[place] === tag),
    );
    const [oldest, newest] = [counted[0], counted.at(-1)];
    if (oldest === undefined || newest === undefined) return [];
    const emptyAt = newest + windowMs;
    return [{ window: window.name, count: counted.length, windowMs, oldestAt: oldest, emptyAt }];
  });
  const { row } = window;
  if (!row || tag !== undefined || inRow(window, at) === 0) return states;
  const { count, keepMs, startedAt, until } = row;
  states.push({ window: window.name, count, windowMs: keepMs, oldestAt: startedAt, emptyAt: until });
  return states;
}

/** Nothing to count on from: no entry, and no row. */
export const holdsNothing = ({ times, row }: MemoryWindow): boolean =>
  times.length === 0 && (row === undefined || row.count === 0);

const placeOf = ({ keys }: MemoryWindow, key: string): number => keys?.indexOf(key) ?? -1;

/** Moves the window's time on and drops what no longer counts. */
function advance(window: MemoryWindow, at: number): void {
  if (at > window.now) window.now = at;
  const start = window.now - window.windowMs;
  const { times } = window;
  let expired = 0;
  while (expired < times.length && (times[expired] as number) <= start) expired++;
  dropOldest(window, expired);
}

/** When the last entry, and the row, stop counting. */
export const emptyAtOf = ({ times, windowMs, now, row }: MemoryWindow): number =>
  Math.max((times.at(-1) ?? now) + windowMs, row?.until ?? 0);

const inWindow = (window: MemoryWindow, at: number): boolean => at > window.now - window.windowMs;

const inRow = ({ row }: MemoryWindow, at: number): number => (row && at < row.until ? row.count : 0);

interface Share {
  readonly all: number;
  readonly inBurst: number;
  readonly isFull: boolean;
}

function shareOf(
  { times, tags, now }: MemoryWindow,
  { tag, burst }: Operation<"count" | "reserve">,
  { limit, burstThreshold }: PerTag,
): Share {
  const start = burst === undefined ? now : now - burst.windowMs;
  let all = 0;
  let inBurst = 0;
  for (let place = 0; place < times.length; place++) {
    if (tags?.[place] !== tag) continue;
    all++;
    if ((times[place] as number) > start) inBurst++;
  }
  return { all, inBurst, isFull: all >= limit || (burst !== undefined && inBurst >= burstThreshold) };
}

/** Crossed by the entry that makes it full. */
const toShareResult = ({ all, inBurst, isFull }: Share, mayCross: boolean): ShareResult => ({
  count: all,
  inBurst,
  crossed: mayCross && isFull,
});

function addToRow(window: MemoryWindow, { threshold, keepMs }: Row, at: number): void {
  let { row } = window;
  if (!row || at >= row.until || row.count === 0) row = { count: 0, startedAt: at, until: at, keepMs };
  row.count++;
  row.until = Math.max(row.until, at + Math.ceil(keepMs * Math.min(row.count / threshold, 1)));
  window.row = row;
}

/** Whether the threshold is reached now and had not been within the last `windowMs`. */
function cross(window: MemoryWindow, threshold: number): boolean {
  if (window.times.length < threshold) return false;
  if (window.crossedAt !== undefined && window.now - window.crossedAt < window.windowMs) return false;
  window.crossedAt = window.now;
  return true;
}

function crossBurst(window: MemoryWindow, { threshold, windowMs }: Burst, count: number): boolean {
  if (count < threshold) return false;
  if (window.burstCrossedAt !== undefined && window.now - window.burstCrossedAt < windowMs) return false;
  window.burstCrossedAt = window.now;
  return true;
}

/** When the wait after the newest entry ends; undefined when nothing brought one about. */
function waitEnd(times: readonly number[], backoff: Backoff): number | undefined {
  const { threshold, windowMs, waitMs, longestWaitMs } = backoff;
  for (let last = threshold - 1; last < times.length; last++) {
    if ((times[last] as number) - (times[last - threshold + 1] as number) >= windowMs) continue;
    const more = times.length - 1 - last;
    return (times[times.length - 1] as number) + Math.min(waitMs * 2 ** more, longestWaitMs);
  }
  return undefined;
}
