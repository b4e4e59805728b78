// What IP lists say about an address, as the decision of a feed.

import type { Decision } from "./decision.ts";
import type { IpListMatch, IpMatcher } from "./ip-list/matcher.ts";

export interface IpLists {
  /** Who is on it is not counted, and not refused by `block`. */
  readonly allow?: IpMatcher;
  readonly block?: IpMatcher;
}

export function listed({ allow, block }: IpLists, ip: string, at: number): Decision | undefined {
  const allowed = allow?.match(ip);
  const match = allowed ?? block?.match(ip);
  return match && decisionOf(match, allowed ? "allow" : "block", at);
}

/** The same of a network, as far as one of them holds all of it. */
export function listedNetwork({ allow, block }: IpLists, network: string, at: number): Decision | undefined {
  const allowed = allow?.matchNetwork(network);
  const match = allowed ?? block?.matchNetwork(network);
  return match && decisionOf(match, allowed ? "allow" : "block", at);
}

function decisionOf({ prefix, source, line }: IpListMatch, action: "allow" | "block", at: number): Decision {
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
