// Where Redis is: the address of one server, or of several nodes of a cluster.

import { GuardError } from "../errors.ts";

/**
 * @param text `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS; several, separated by commas, are
 * nodes of a cluster
 * @throws GuardError `INVALID_OPTIONS`; it does not repeat the text, which may hold a password
 */
export function parseRedisUrls(text: string): readonly [URL, ...URL[]] {
  const [first, ...others] = text.split(",").map(parseUrl);
  if (!first) throw invalid();
  if (others.length > 0 && [first, ...others].some(({ pathname }) => pathname.length > 1)) {
    throw new GuardError("INVALID_OPTIONS", "A Redis cluster has no database numbers: leave out the path.");
  }
  return [first, ...others];
}

function parseUrl(text: string): URL {
  const url = URL.parse(text.trim());
  if (!url?.hostname || !["redis:", "rediss:"].includes(url.protocol)) throw invalid();
  if (!/^(?:\/\d*)?$/.test(url.pathname)) throw invalid();
  return url;
}

const invalid = (): GuardError =>
  new GuardError(
    "INVALID_OPTIONS",
    "The address of Redis must look like redis://:password@host:6379, several of a cluster separated by commas.",
  );
