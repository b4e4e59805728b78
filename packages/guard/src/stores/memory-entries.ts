// The entries of a window in memory: ordered by time, each perhaps with a key and a tag.

/** A text for each entry; undefined as long as none has one. */
type Column = (string | undefined)[] | undefined;

/**
 * The same place in each array is the same entry. Times stand in an array of their own, which V8 keeps as plain numbers side
 * by side: most questions are about times alone, and an object for each entry would cost a miss of the cache.
 */
export interface Entries {
  /** Milliseconds since 1970, oldest first. */
  times: number[];
  /** Signal ids, distinct members, or remembered texts. */
  keys: Column;
  tags: Column;
}

export function insertEntry(entries: Entries, at: number, key?: string, tag?: string): void {
  const { times } = entries;
  const { length } = times;
  // Most windows hold one entry. An array that grows by a push gets room for 17 at once, one made with an element has one.
  if (length === 0) {
    entries.times = [at];
    entries.keys = key === undefined ? undefined : [key];
    entries.tags = tag === undefined ? undefined : [tag];
    return;
  }
  if (key !== undefined) entries.keys ??= new Array(length).fill(undefined);
  if (tag !== undefined) entries.tags ??= new Array(length).fill(undefined);
  let place = length;
  while (place > 0 && (times[place - 1] as number) > at) place--;
  insertAt(times, place, at);
  if (entries.keys) insertAt(entries.keys, place, key);
  if (entries.tags) insertAt(entries.tags, place, tag);
}

function insertAt<Item>(column: Item[], place: number, item: Item): void {
  if (place === column.length) column.push(item);
  else column.splice(place, 0, item);
}

/** @returns the time of the entry that stood there */
export function removeEntry({ times, keys, tags }: Entries, place: number): number {
  const time = times[place] as number;
  if (keys) removeAt(keys, place);
  if (tags) removeAt(tags, place);
  removeAt(times, place);
  return time;
}

/** Mostly it is the only one, or the last. A splice makes an array of what it takes out. */
function removeAt(column: unknown[], place: number): void {
  if (place === column.length - 1) column.pop();
  else column.splice(place, 1);
}

export function dropOldest({ times, keys, tags }: Entries, count: number): void {
  if (count === 1) {
    times.shift();
    keys?.shift();
    tags?.shift();
  } else if (count > 1) {
    times.splice(0, count);
    keys?.splice(0, count);
    tags?.splice(0, count);
  }
}

/** Takes out the entries with this tag, or all. @returns whether there were any */
export function removeTagged(entries: Entries, tag: string | undefined): boolean {
  const before = entries.times.length;
  for (let place = before - 1; place >= 0; place--) {
    if (tag === undefined || entries.tags?.[place] === tag) removeEntry(entries, place);
  }
  return entries.times.length < before;
}

/** The same fact has the same key and the same time, so only entries of that time are compared. */
export function hasEntry({ times, keys }: Entries, at: number, key: string | undefined): boolean {
  if (keys === undefined || key === undefined) return false;
  for (let place = times.length - 1; place >= 0; place--) {
    const time = times[place] as number;
    if (time < at) return false;
    if (time === at && keys[place] === key) return true;
  }
  return false;
}

/** How many are later than `start`. */
export function countAfter({ times }: Entries, start: number): number {
  let place = times.length;
  while (place > 0 && (times[place - 1] as number) > start) place--;
  return times.length - place;
}
