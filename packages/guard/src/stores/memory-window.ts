// One sliding window in memory: entries ordered by time, at most `limit` of them, the newest kept.

import type {
  Backoff,
  Burst,
  Length,
  WindowEntry,
  WindowOperation,
  WindowResult,
  WindowState,
} from "./window-store.ts";

interface Entry {
  readonly at: number;
  /** Signal id, distinct member, or remembered text. */
  readonly key: string;
  readonly tag: string | undefined;
}

export interface MemoryWindow {
  readonly name: string;
  windowMs: number;
  /** Latest time seen: the window's own time, so that late signals cannot turn it back. */
  now: number;
  /** Oldest first. */
  entries: Entry[];
  crossedAt: number | undefined;
  burstCrossedAt: number | undefined;
}

type Operation<Kind> = Extract<WindowOperation, { kind: Kind }>;

/** `count` and `reserve`. */
export function countEntry(window: MemoryWindow, operation: Operation<"count" | "reserve">): WindowResult {
  advance(window, operation.at);
  const { entries } = window;
  const { kind, burst, backoff } = operation;
  const known = hasEntry(entries, operation.id, operation.at);
  const full = entries.length >= operation.limit;
  const refused =
    kind === "reserve" &&
    (full ||
      (burst !== undefined && countSince(window, burst) >= burst.threshold) ||
      (backoff !== undefined && operation.at < (waitEnd(entries, backoff) ?? 0)));
  let admitted = known;
  if (!known && inWindow(window, operation.at) && !refused) {
    insert(window, entryOf(operation));
    if (full) window.entries.shift();
    admitted = true;
  }
  const counted = kind === "count" && admitted;
  const crossed = counted && cross(window, operation.threshold);
  const freeAt = backoff && waitEnd(window.entries, backoff);
  const inBurst = burst ? countSince(window, burst) : 0;
  // One shape for every answer: what reads them stays fast.
  return {
    count: window.entries.length,
    admitted,
    crossed,
    oldestAt: window.entries[0]?.at,
    burst: burst && { count: inBurst, crossed: counted && crossBurst(window, burst, inBurst) },
    freeAt,
  };
}

/** `distinct`: a member seen again is moved to its latest time, unless it counts by its first. */
export function recordMember(window: MemoryWindow, operation: Operation<"distinct">): WindowResult {
  advance(window, operation.at);
  const { entries } = window;
  const place = entries.findIndex((entry) => entry.key === operation.member);
  const known = entries[place];
  let admitted = false;
  const moves = known !== undefined && operation.since === "latest" && known.at < operation.at;
  if (inWindow(window, operation.at) && (!known || moves)) {
    if (known) entries.splice(place, 1);
    insert(window, { at: operation.at, key: operation.member, tag: undefined });
    if (window.entries.length > operation.limit) window.entries.shift();
    admitted = !known;
  }
  const crossed = admitted && cross(window, operation.threshold);
  return { count: window.entries.length, admitted, crossed, oldestAt: window.entries[0]?.at };
}

/** `recent`: remembers an entry and answers with those before it. */
export function recall(window: MemoryWindow, operation: Operation<"recent">): WindowResult {
  advance(window, operation.at);
  const { entries } = window;
  const before: WindowEntry[] = entries
    .filter((entry) => entry.at <= operation.at)
    .map((entry) => ({ at: entry.at, entry: entry.key }))
    .reverse();
  const again = entries.some((entry) => entry.at === operation.at && entry.key === operation.entry);
  if (!again && inWindow(window, operation.at)) {
    insert(window, { at: operation.at, key: operation.entry, tag: undefined });
    if (window.entries.length > operation.limit) window.entries.shift();
  }
  return {
    count: window.entries.length,
    admitted: !again,
    crossed: false,
    oldestAt: window.entries[0]?.at,
    entries: before,
  };
}

export function releaseEntry(window: MemoryWindow, id: string): void {
  const place = window.entries.findIndex((entry) => entry.key === id);
  if (place >= 0) window.entries.splice(place, 1);
}

/** Takes out the entries with this tag, or all; what is left may cross the threshold again. */
export function clearTag(window: MemoryWindow, tag: string | undefined): void {
  const kept = tag === undefined ? [] : window.entries.filter((entry) => entry.tag !== tag);
  if (kept.length === window.entries.length) return;
  window.entries.splice(0, window.entries.length, ...kept);
  window.crossedAt = undefined;
  window.burstCrossedAt = undefined;
}

/** The window's own state, and before it that of each shorter length, where something still counts. */
export function statesOf(window: MemoryWindow, at: number, lengths: readonly Length[]): WindowState[] {
  const asked = lengths.filter((one) => one.window === window.name && one.windowMs < window.windowMs);
  return [...asked, window].flatMap(({ windowMs }) => {
    const start = Math.max(at, window.now) - windowMs;
    const counted = window.entries.filter((entry) => entry.at > start);
    const oldest = counted[0];
    const newest = counted.at(-1);
    if (!oldest || !newest) return [];
    const emptyAt = newest.at + windowMs;
    return { window: window.name, count: counted.length, windowMs, oldestAt: oldest.at, emptyAt };
  });
}

/** Moves the window's time on and drops what no longer counts. */
function advance(window: MemoryWindow, at: number): void {
  if (at > window.now) window.now = at;
  const start = window.now - window.windowMs;
  const { entries } = window;
  let expired = 0;
  while (expired < entries.length && (entries[expired] as Entry).at <= start) expired++;
  if (expired === 1) entries.shift();
  else if (expired > 1) entries.splice(0, expired);
}

const inWindow = (window: MemoryWindow, at: number): boolean => at > window.now - window.windowMs;

/** The same fact has the same id and the same time, so only entries of that time are compared. */
function hasEntry(entries: readonly Entry[], id: string, at: number): boolean {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i] as Entry;
    if (entry.at < at) return false;
    if (entry.at === at && entry.key === id) return true;
  }
  return false;
}

let latest: Entry = { at: 0, key: "", tag: undefined };

/** One signal is counted in several windows, which share its entry: it is most of what they hold. */
function entryOf({ at, id, tag }: Operation<"count" | "reserve">): Entry {
  if (latest.key !== id || latest.at !== at || latest.tag !== tag) latest = { at, key: id, tag };
  return latest;
}

function insert(window: MemoryWindow, entry: Entry): void {
  const { entries } = window;
  // Most windows hold one entry. An array that grows by a push gets room for 17 at once, one made with an element has one.
  if (entries.length === 0) {
    window.entries = [entry];
    return;
  }
  let place = entries.length;
  while (place > 0 && (entries[place - 1] as Entry).at > entry.at) place--;
  if (place === entries.length) entries.push(entry);
  else entries.splice(place, 0, entry);
}

/** Whether the threshold is reached now and had not been within the last `windowMs`. */
function cross(window: MemoryWindow, threshold: number): boolean {
  if (window.entries.length < threshold) return false;
  if (window.crossedAt !== undefined && window.now - window.crossedAt < window.windowMs) return false;
  window.crossedAt = window.now;
  return true;
}

/** Entries that count in the shorter window. */
function countSince({ entries, now }: MemoryWindow, { windowMs }: Burst): number {
  const start = now - windowMs;
  let place = entries.length;
  while (place > 0 && (entries[place - 1] as Entry).at > start) place--;
  return entries.length - place;
}

/** When the wait after the newest entry ends; undefined when nothing brought one about. */
function waitEnd(entries: readonly Entry[], backoff: Backoff): number | undefined {
  const { threshold, windowMs, waitMs, longestWaitMs } = backoff;
  for (let last = threshold - 1; last < entries.length; last++) {
    const first = entries[last - threshold + 1] as Entry;
    if ((entries[last] as Entry).at - first.at >= windowMs) continue;
    const more = entries.length - 1 - last;
    return (entries.at(-1) as Entry).at + Math.min(waitMs * 2 ** more, longestWaitMs);
  }
  return undefined;
}

function crossBurst(window: MemoryWindow, { threshold, windowMs }: Burst, count: number): boolean {
  if (count < threshold) return false;
  if (window.burstCrossedAt !== undefined && window.now - window.burstCrossedAt < windowMs) return false;
  window.burstCrossedAt = window.now;
  return true;
}
