// What happened to one's own account, of all that is kept about its address.

import type { StoredEvent } from "./event-row.ts";
import type { EventStore } from "./event-store.ts";

export interface OwnEventsOptions {
  readonly events: Pick<EventStore, "list">;
  readonly accountKey: (email: string) => string;
}

/**
 * Under the account's present e-mail: events are kept by its hash, and what happened under an earlier one is not found. What is
 * older than the account was about somebody else who had this address, or tried it.
 * @param limit how many at most
 */
export async function listOwnEvents(
  { events, accountKey }: OwnEventsOptions,
  { email, createdAt }: { readonly email: string; readonly createdAt: Date },
  limit: number,
): Promise<StoredEvent[]> {
  const found = await events.list({ account: accountKey(email), limit });
  return found.filter(({ event }) => event.at >= createdAt.getTime());
}
