// The events of a stretch of time, the earliest first, a page at a time: however many there are, only one page is held.

import { firstIdOf } from "./follow-events.ts";

/** With `after` the earliest `limit` above that id, newest first. */
export interface EventPage {
  readonly events: readonly unknown[];
  /** The id of the newest of them. */
  readonly newest?: string | undefined;
}

export interface ExportOptions {
  readonly ask: (query: {
    readonly after: string;
    readonly before: string;
    readonly limit: number;
  }) => Promise<EventPage>;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Events from this time on are left out, so that it comes to an end however fast there are new ones. */
  readonly until: number;
  /** @default 500 */
  readonly pageSize?: number;
}

export async function* exportEvents(options: ExportOptions): AsyncGenerator<readonly unknown[]> {
  const { ask, since, until, pageSize = 500 } = options;
  const before = firstIdOf(until);
  for (let after: string | undefined = firstIdOf(since); after !== undefined; ) {
    const { events, newest }: EventPage = await ask({ after, before, limit: pageSize });
    yield events.toReversed();
    after = events.length < pageSize ? undefined : newest;
  }
}
