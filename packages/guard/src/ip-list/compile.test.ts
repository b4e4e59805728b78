// Compiled lists answer as a naive search through all entries does; and what the rules of a list leave out.

import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { readCidr } from "../client/ip-prefix.ts";
import { compileIpList } from "./compile.ts";

const anything = { purpose: "allowlist", shortestPrefix: { ipv4: 0, ipv6: 0 }, largestShare: 1 } as const;

/** A generator of whole numbers below `limit` (xorshift32). */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const addressOf = (bytes: readonly number[]) => ipaddr.fromByteArray([...bytes]).toString();

function numberOf(ip: string): { bits: number; value: bigint } {
  const bytes = ipaddr.process(ip).toByteArray();
  return { bits: bytes.length * 8, value: BigInt(`0x${Buffer.from(bytes).toString("hex")}`) };
}

/** A network of fewer bits around the one of this line. */
function wider(line: string, bits: number): string {
  const cidr = readCidr(line);
  return cidr ? `${cidr.text.split("/")[0]}/${Math.max(0, cidr.prefixLength - bits)}` : line;
}

/** How addresses are spread: the fewer values a byte has, the more networks nest, repeat and hold an address. */
const spreads: Record<string, (next: (limit: number) => number) => string> = {
  "all of IPv4": (next) => addressOf(Array.from({ length: 4 }, () => next(256))),
  "crowded IPv4": (next) => addressOf([next(2) * 255, next(2) * 255, next(4), next(256)]),
  "all of IPv6": (next) => addressOf(Array.from({ length: 16 }, () => next(256))),
  "one IPv6 /32": (next) => addressOf([0x20, 1, 0xd, 0xb8, ...Array.from({ length: 12 }, () => next(256))]),
  "crowded IPv6": (next) =>
    addressOf(Array.from({ length: 16 }, (_, byte) => (byte % 5 === 0 ? next(3) * 127 : 0))),
  "IPv6 that differs in its last bits": (next) =>
    addressOf([...new Array(14).fill(0x2a), next(2), next(256)]),
  "IPv4 in IPv6": (next) => `::ffff:${addressOf([203, 0, next(4), next(256)])}`,
  both: (next) =>
    next(2) ? addressOf([198, 51, next(2), next(256)]) : `2001:db8::${next(512).toString(16)}`,
};

describe.each(Object.entries(spreads))("%s", (_, spread) => {
  it.each([1, 2, 7, 100, 3000])("%i networks answer as a naive search does", (count) => {
    const next = random(count);
    const lines = Array.from({ length: count }, (_, i) => {
      const ip = spread(next);
      const most = ip.includes(":") ? 128 : 32;
      const least = ip.includes(".") && most === 128 ? 96 : 0;
      // Short prefixes are few, or they would hold all others.
      return next(4) === 0 || i === 0
        ? ip
        : `${ip}/${most - Math.floor((next(1000) / 1000) ** 3 * (most - least))}`;
    });
    const list = compileIpList(lines, { ...anything, name: "naive" });
    const cidrs = lines.map((line) => readCidr(line));
    const distinct = new Set(cidrs.map((cidr) => cidr?.text));
    expect(list.size).toBe(distinct.size);
    expect(list.report).toMatchObject({
      entries: distinct.size,
      duplicates: count - distinct.size,
      problemCount: 0,
    });

    const naive = cidrs.map((cidr) => ({
      ...numberOf(cidr?.text.split("/")[0] ?? ""),
      length: cidr?.prefixLength ?? 0,
    }));
    const asked = Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0 ? String(lines[next(count)]?.split("/")[0]) : spread(next),
    );
    for (const ip of asked) {
      const { bits, value } = numberOf(ip);
      let longest = -1;
      for (const [i, one] of naive.entries()) {
        const spare = BigInt(bits - one.length);
        if (one.bits !== bits || one.value >> spare !== value >> spare) continue;
        if (longest < 0 || one.length > (naive[longest]?.length ?? 0)) longest = i;
      }
      const expected =
        longest < 0 ? undefined : { prefix: cidrs[longest]?.text, source: "naive", line: longest + 1 };
      expect(list.match(ip), ip).toEqual(expected);
      expect(list.has(ip), ip).toBe(longest >= 0);
    }
    for (const line of lines.slice(0, 100)) {
      const { text = "", family, prefixLength: asked = 0 } = readCidr(wider(line, next(12))) ?? {};
      const { bits, value } = numberOf(text.split("/")[0] ?? "");
      const around = naive
        .filter(({ bits, length }) => bits === (family === 6 ? 128 : 32) && length <= asked)
        .filter(({ value: own, length }) => own >> BigInt(bits - length) === value >> BigInt(bits - length))
        .map(({ length }) => length);
      const { prefix } = list.matchNetwork(text) ?? {};
      expect(Number(prefix?.split("/")[1] ?? -1), text).toBe(Math.max(-1, ...around));
    }
  });
});

it("a /0 holds everything of its family, and nothing of the other", () => {
  const list = compileIpList(["0.0.0.0/0"], anything);
  expect(["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"].map(list.has)).toEqual([true, true, true]);
  expect(["::", "2001:db8::1", "64:ff9b::102:304"].map(list.has)).toEqual([false, false, false]);
  expect(compileIpList(["::/0"], anything).match("2001:db8::1")).toMatchObject({ prefix: "::/0" });
  expect(compileIpList(["::/0"], anything).has("1.2.3.4")).toBe(false);
});

it("what is no address is not listed, and a zone is not part of an address", () => {
  const list = compileIpList(["0.0.0.0/0", "fe80::/10", "::/1"], anything);
  expect(["", "unknown", "1.2.3", "1.2.3.4/32", "%", "x".repeat(5000)].map(list.has)).toEqual(
    new Array(6).fill(false),
  );
  expect(list.match("fe80::1%eth0")).toMatchObject({ prefix: "fe80::/10" });
  expect(list.has(`fe80::1%${"x".repeat(100)}`)).toBe(false);
});

it("a network is held by what holds all of it, and not by what holds a part", () => {
  const list = compileIpList(["203.0.113.0/24", "203.0.113.0/28", "2001:db8::/48"], {
    ...anything,
    name: "own",
  });
  expect(list.matchNetwork("203.0.113.0/26")).toEqual({ prefix: "203.0.113.0/24", source: "own", line: 1 });
  expect(list.matchNetwork("203.0.113.4/30")).toMatchObject({ prefix: "203.0.113.0/28" });
  expect(list.matchNetwork("2001:db8:0:1::/64")).toMatchObject({ prefix: "2001:db8::/48" });
  for (const network of ["203.0.112.0/23", "203.0.113.0/23", "2001:db8::/47", "nonsense"])
    expect(list.matchNetwork(network), network).toBeUndefined();
});

it("an empty list holds nothing", () => {
  const list = compileIpList(["# nothing yet"], anything);
  expect([list.size, list.has("1.2.3.4"), list.has("::1"), list.match("::1")]).toEqual([
    0,
    false,
    false,
    undefined,
  ]);
});

describe("the rules of a blocklist", () => {
  const blocklist = { purpose: "blocklist" } as const;

  it("bad lines are reported by number, the first of them one by one, printable", () => {
    const lines = [
      "203.0.113.7",
      "example.com",
      "\x1b[2Jx",
      ...new Array(30).fill("1.2.3.4/40"),
      "198.51.100.0/24",
    ];
    const { size, report } = compileIpList(lines, { ...blocklist, maxProblems: 3 });
    expect(size).toBe(2);
    expect(report).toEqual({
      lines: 34,
      entries: 2,
      duplicates: 0,
      hostBits: 0,
      problemCount: 32,
      problems: [
        { line: 2, code: "NOT_AN_ADDRESS", text: "example.com" },
        { line: 3, code: "NOT_AN_ADDRESS", text: "?[2Jx" },
        { line: 4, code: "PREFIX_LENGTH", text: "1.2.3.4/40" },
      ],
    });
  });

  it("what is too broad is left out, unless it is asked for; and a range whose part is", () => {
    const lines = [
      "0.0.0.0/0",
      "64.0.0.0/7",
      "::/0",
      "2000::/15",
      "224.0.0.0-255.255.255.255",
      "203.0.113.7",
    ];
    const { size, report } = compileIpList(lines, blocklist);
    expect(size).toBe(1);
    expect(report.problems.map(({ line, code }) => `${line} ${code}`)).toEqual(
      [1, 2, 3, 4, 5].map((line) => `${line} TOO_BROAD`),
    );
    expect(compileIpList(["64.0.0.0/7"], { ...blocklist, shortestPrefix: { ipv4: 7 } }).has("65.0.0.1")).toBe(
      true,
    );
  });

  it("private networks are never matched: neither by name, nor as part of a wider network or range", () => {
    const lines = [
      "10.1.0.0/16",
      "127.0.0.1",
      "::1",
      "fe80::/64",
      "192.168.0.0-192.168.0.255",
      "172.0.0.0/8",
      "9.0.0.0-10.255.255.255",
    ];
    const list = compileIpList(lines, blocklist);
    expect(list.report.problems.map(({ line, code }) => `${line} ${code}`)).toEqual(
      [1, 2, 3, 4, 5].map((line) => `${line} EXEMPT`),
    );
    expect(
      ["10.1.2.3", "172.16.0.0", "172.31.255.255", "::ffff:172.20.1.1", "127.0.0.1"].filter(list.has),
    ).toEqual([]);
    expect(["9.1.2.3", "172.15.255.255", "172.32.0.0"].every(list.has)).toBe(true);
    expect(list.match("172.16.0.0")).toBeUndefined();
    expect(list.size).toBe(2);
  });

  it("networks of one's own are exempt when they are named, down to one address", () => {
    const list = compileIpList(["203.0.113.0/24", "2001:db8::/32"], {
      ...blocklist,
      exempt: ["203.0.113.7", "2001:db8:1::/48"],
    });
    expect(
      ["203.0.113.6", "203.0.113.7", "203.0.113.8", "2001:db8:1::1", "2001:db8:2::1"].map(list.has),
    ).toEqual([true, false, true, false, true]);
    // A network inside of a hole is exempt, one around it is not.
    const inner = compileIpList(["203.0.113.7", "203.0.113.0/24"], {
      ...blocklist,
      exempt: ["203.0.113.0/28"],
    });
    expect([inner.size, inner.has("203.0.113.7"), inner.has("203.0.113.16")]).toEqual([1, false, true]);
  });

  it("too many networks, or too many addresses, are a mistake of who made the list", () => {
    const many = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
    expect(compileIpList(many, { ...blocklist, maxEntries: 3 }).size).toBe(3);
    expect(() => compileIpList(many, { ...blocklist, maxEntries: 2 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining("maxEntries") }),
    );
    // 64 of 256 /8s are a quarter.
    const wide = Array.from({ length: 65 }, (_, i) => `${i + 20}.0.0.0/8`);
    expect(compileIpList(wide.slice(1), blocklist).size).toBe(64);
    expect(() => compileIpList(wide, blocklist)).toThrow(/largestShare/);
    const wide6 = Array.from({ length: 2049 }, (_, i) => `${(0x2000 + i).toString(16)}::/16`);
    expect(compileIpList(wide6.slice(1), blocklist).size).toBe(2048);
    expect(() => compileIpList(wide6, blocklist)).toThrow(/largestShare/);
  });

  it.each([
    [{}, /purpose/],
    [{ purpose: "blocklist", exempt: ["example.com"] }, /example\.com/],
    [{ purpose: "blocklist", exempt: ["10.0.0.0-10.0.0.5"] }, /neither an IP address nor a CIDR/],
    [{ purpose: "blocklist", exempt: new Array(101).fill("10.0.0.0/8") }, /at most 100/],
    [{ purpose: "blocklist", maxEntries: 0 }, /maxEntries/],
    [{ purpose: "blocklist", maxEntries: 2e7 }, /maxEntries/],
    [{ purpose: "blocklist", maxProblems: -1 }, /maxProblems/],
    [{ purpose: "blocklist", largestShare: Number.NaN }, /largestShare/],
    [{ purpose: "blocklist", shortestPrefix: { ipv4: 33 } }, /shortestPrefix\.ipv4/],
  ])("%j is refused", (options, message) => {
    expect(() => compileIpList([], options as never)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringMatching(message) }),
    );
  });
});
