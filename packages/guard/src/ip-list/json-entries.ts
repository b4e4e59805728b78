// Finds the networks in the JSON of providers and feeds, which each has fields of its own.

/** As Amazon, Google, GitHub, Cloudflare, Fastly, Spamhaus, AbuseIPDB and CrowdSec call them. */
const fields: ReadonlySet<string> = new Set([
  "address",
  "cidr",
  "ip",
  "ip_address",
  "ip_prefix",
  "ipAddress",
  "ipv4Prefix",
  "ipv6_prefix",
  "ipv6Prefix",
  "network",
  "prefix",
  "range",
  "value",
]);
/** Theirs are four deep at most; a stack has an end. */
const deepest = 8;

/** Every text in an array, and every text in a field that is called like a network. */
export function* jsonEntries(value: unknown, depth = 0): Generator<string> {
  if (typeof value !== "object" || value === null || depth > deepest) return;
  const isArray = Array.isArray(value);
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === "object") yield* jsonEntries(item, depth + 1);
    else if (typeof item === "string" && (isArray || fields.has(name))) yield item;
  }
}
