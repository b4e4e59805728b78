// The occasion of a mail that a request causes.

import type { PlaceLookup } from "@fluxstudio/guard";
import type { Occasion } from "./occasion.ts";

export interface RequestOccasionOptions {
  /** The header that says where a request came from. */
  readonly clientIpHeader: string;
  readonly place?: PlaceLookup | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @returns what the owner is told of a request; Better Auth has none for calls from inside the server */
export function createRequestOccasion({ clientIpHeader, place, now }: RequestOccasionOptions) {
  return (request?: { readonly headers: Headers }): Occasion => {
    const ip = request?.headers.get(clientIpHeader) ?? "unknown";
    return {
      at: now(),
      ip,
      place: request && place?.(ip),
      userAgent: request?.headers.get("user-agent") ?? undefined,
    };
  };
}
