// The networks in the JSON of those who publish some, in the form that each has.

import fc from "fast-check";
import { expect, it } from "vitest";
import { SourceFailure } from "./failure.ts";
import { jsonEntries } from "./json-entries.ts";

it.each<[who: string, json: unknown, expected: string[]]>([
  ["a plain array", ["203.0.113.0/24", "2001:db8::/32"], ["203.0.113.0/24", "2001:db8::/32"]],
  [
    "Amazon",
    {
      syncToken: "1700000000",
      prefixes: [{ ip_prefix: "203.0.113.0/24", region: "eu-1", service: "EC2" }],
      ipv6_prefixes: [{ ipv6_prefix: "2001:db8::/32", region: "eu-1" }],
    },
    ["203.0.113.0/24", "2001:db8::/32"],
  ],
  [
    "Google",
    {
      creationTime: "2026-01-01T00:00:00",
      prefixes: [{ ipv6Prefix: "2001:db8::/32" }, { ipv4Prefix: "203.0.113.0/24" }],
    },
    ["2001:db8::/32", "203.0.113.0/24"],
  ],
  [
    "Cloudflare",
    {
      result: { ipv4_cidrs: ["203.0.113.0/24"], ipv6_cidrs: ["2001:db8::/32"], etag: "x" },
      success: true,
      errors: [],
    },
    ["203.0.113.0/24", "2001:db8::/32"],
  ],
  [
    "Fastly",
    { addresses: ["203.0.113.0/24"], ipv6_addresses: ["2001:db8::/32"] },
    ["203.0.113.0/24", "2001:db8::/32"],
  ],
  ["Spamhaus, a line", { cidr: "203.0.113.0/24", sblid: "SBL1", rir: "ripencc" }, ["203.0.113.0/24"]],
  ["Spamhaus, the last line", { type: "metadata", timestamp: 1, size: 2, copyright: "x" }, []],
  ["AbuseIPDB", { meta: {}, data: [{ ipAddress: "203.0.113.7", countryCode: "NL" }] }, ["203.0.113.7"]],
  ["CrowdSec", [{ id: 1, origin: "cscli", scope: "Ip", type: "ban", value: "203.0.113.7" }], ["203.0.113.7"]],
  ["nothing", null, []],
  ["a text", "203.0.113.7", []],
])("%s", (_, json, expected) => {
  expect([...jsonEntries(JSON.stringify(json))]).toEqual(expected);
  expect([...jsonEntries(` ${JSON.stringify(json, null, "\t")}\r\n`)]).toEqual(expected);
});

/** What is found in values that JSON.parse has made. */
function naive(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    if (typeof item === "object") return naive(item);
    return typeof item === "string" && (Array.isArray(value) || name === "ip") ? [item] : [];
  });
}

/** Keys of which some are `ip`; quotes, backslashes and brackets in texts; numbers of all kinds. */
const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.constantFrom("203.0.113.7", "\\", '"', '\\"', "]", "{", ",", ":", "\n", ""),
      fc.string({ maxLength: 5 }),
    ),
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("ip", "a", '"', "b\\"), tie("value"), { maxKeys: 4 }),
  ),
}));
const runs = { numRuns: 5000, seed: 20_261_125 };

it("finds in any JSON what is found in the values of JSON.parse, however it is spaced", () => {
  let found = 0;
  const property = fc.property(anyJson, fc.constantFrom(0, 2, "\t"), (value, space) => {
    const text = JSON.stringify(value, null, space);
    const expected = naive(JSON.parse(text));
    found += expected.length;
    expect([...jsonEntries(text)]).toEqual(expected);
    expect([...jsonEntries(`${text}\n${text}\n`)]).toEqual([...expected, ...expected]);
  });
  fc.assert(property, runs);
  expect(found).toBeGreaterThan(1000);
});

it("JSON that ends too early is no list, wherever it ends", () => {
  const property = fc.property(anyJson, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
    fc.pre(typeof value === "object" && value !== null);
    const text = JSON.stringify(value);
    const cut = text.slice(0, 1 + Math.floor(share * (text.length - 2)));
    expect(() => [...jsonEntries(cut)]).toThrow(SourceFailure);
  });
  fc.assert(property, runs);
});

it.each([
  '["a" "b"]',
  '["a"]]',
  '["a"}',
  "[,]",
  '{"ip":"a" "b":1}',
  "[nul]",
  "[01x]",
  "['a']",
  '["a\\x"]',
  '["a]',
  "<html>",
  "[".repeat(65),
  "[".repeat(1_000_000),
])("%# is no JSON", (text) => {
  expect(() => [...jsonEntries(text)]).toThrow(SourceFailure);
});
