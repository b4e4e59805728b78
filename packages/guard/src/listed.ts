// What IP lists say about an address, as the decision of a feed.

import type { Decision } from "./decision.ts";
import type { IpMatcher } from "./ip-list/matcher.ts";

export interface IpLists {
  /** Who is on it is not counted, and not refused by `block`. */
  readonly allow?: IpMatcher;
  readonly block?: IpMatcher;
}

export function listed({ allow, block }: IpLists, ip: string, at: number): Decision | undefined {
  const allowed = allow?.match(ip);
  const match = allowed ?? block?.match(ip);
  if (!match) return undefined;
  const { prefix, source, line } = match;
  const action = allowed ? "allow" : "block";
  return {
    // The same for all addresses of the network, so that their refusals are summed up as one.
    id: `${action} ${prefix} ${source}`,
    action,
    scope: "ip-prefix",
    value: prefix,
    origin: "feed",
    createdAt: at,
    // Until the list says otherwise.
    until: null,
    reason: `${source}, line ${line}`,
  };
}
