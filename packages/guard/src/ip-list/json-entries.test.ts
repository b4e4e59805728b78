// The networks in the JSON of those who publish some, in the form that each has.

import { expect, it } from "vitest";
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
  expect([...jsonEntries(json)]).toEqual(expected);
});

it("what is nested without end is not followed", () => {
  let nested: unknown = ["203.0.113.7"];
  for (let i = 0; i < 5000; i++) nested = [nested];
  expect([...jsonEntries(nested)]).toEqual([]);
});
