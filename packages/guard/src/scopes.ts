// The scopes: what a count or a decision is about.

/** What a count or a decision is about. */
export const scopes = [
  "ip",
  "ip-prefix",
  "account",
  "account+ip",
  "device",
  "session",
  "asn",
  "global",
] as const;
export type Scope = (typeof scopes)[number];
