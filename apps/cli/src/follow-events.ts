// Follows the events of a server: each one once, also those that are stored later than a younger one.

/** The id of a stored event is a UUID version 7, so it says its time and sorts by it. */
export interface Identified {
  readonly event: { readonly id: string };
}

export interface FollowOptions<Event extends Identified> {
  /** Newest first: of all events the newest `limit`, or with `after` the earliest `limit` above that id. */
  readonly ask: (query: { readonly after?: string; readonly limit: number }) => Promise<readonly Event[]>;
  /** Resolves when it is time to ask again. */
  readonly wait: () => Promise<unknown>;
}

/**
 * How far back each question reaches. Refusals are summed for ten seconds before they are stored under the time of the
 * last one, and a slow store or another process can take a while longer.
 */
const overlapMs = 30_000;
const pageSize = 1_000;

/** Gives the events that are new since the one before, earliest first; begins with what is not stored yet. */
export async function* followEvents<Event extends Identified>({
  ask,
  wait,
}: FollowOptions<Event>): AsyncGenerator<Event[]> {
  const [newest] = await ask({ limit: 1 });
  let latest = newest ? timeOf(newest.event.id) : 0;
  const shown = new Set((await since(latest - overlapMs)).map((one) => one.event.id));
  for (;;) {
    const found = await since(latest - overlapMs);
    yield found.filter((one) => !shown.has(one.event.id));
    for (const { event } of found) shown.add(event.id);
    const last = found.at(-1);
    if (last) latest = Math.max(latest, timeOf(last.event.id));
    for (const id of shown) if (timeOf(id) < latest - overlapMs) shown.delete(id);
    await wait();
  }

  /** All of them, earliest first. */
  async function since(at: number): Promise<Event[]> {
    const found: Event[] = [];
    for (let after = firstIdOf(at); ; after = (found.at(-1) as Event).event.id) {
      const page = await ask({ after, limit: pageSize });
      found.push(...page.toReversed());
      if (page.length < pageSize) return found;
    }
  }
}

const timeOf = (id: string): number => Number.parseInt(id.replace("-", "").slice(0, 12), 16);

/** Below every id of that time. */
export function firstIdOf(at: number): string {
  const hex = Math.max(0, at).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
