// Takes the one-time token out of an address.

interface Place {
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/** What is left of an address without its token; the token alone is as good as a password. */
export function splitToken({ pathname, search, hash }: Place): { token: string | undefined; rest: string } {
  const query = new URLSearchParams(search);
  const token = query.get("token") ?? undefined;
  query.delete("token");
  const left = query.toString();
  return { token, rest: pathname + (left === "" ? "" : `?${left}`) + hash };
}
