// Pieces of time in which events are looked for one after the other: one question about all days plans and locks every one of them.

import { startOf } from "../database/event-days.ts";

/** Ids from `from` on, and below `until`. */
export interface Span {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface Place {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** Most questions are about the latest days; those that find little go on in larger steps. */
const [fewestDays, mostDays] = [4, 32];

/**
 * Together they are all of time, as far as it is asked for: the latest first, or after an event the earliest first.
 * @param days those that have a table, since 1970; what has none of its own may lie anywhere
 */
export function spansOf(days: readonly number[], { after, before }: Place): Span[] {
  const isDescending = after === undefined;
  const asked = days
    .filter((day) => (isDescending || startOf(day + 1) > after) && (!before || startOf(day) < before))
    .sort((one, other) => (isDescending ? other - one : one - other));
  const edges: (string | undefined)[] = [undefined];
  for (let size = fewestDays, end = size; end < asked.length; end += size) {
    const last = asked[end - 1] as number;
    edges.push(startOf(isDescending ? last : last + 1));
    size = Math.min(size * 2, mostDays);
  }
  return edges.map((edge, i) =>
    isDescending ? { from: edges[i + 1], until: edge } : { from: edge, until: edges[i + 1] },
  );
}
