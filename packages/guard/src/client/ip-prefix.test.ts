// Strict reading of addresses and ranges, and the value they are counted under.
import { describe, expect, it } from "vitest";
import { cidrContains, ipScopeValue, normaliseIp, parseCidr, prefixOf, readCidr } from "./ip-prefix.ts";

describe("normaliseIp", () => {
  const canonical: [string, string][] = [
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
    ["::1", "::1"],
  ];
  it.each(canonical)("makes %s into %s", (text, expected) => {
    expect(normaliseIp(text)).toBe(expected);
    expect(normaliseIp(text)).toBe(expected);
  });

  it.each([
    ...[
      "",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.04",
      "0x7f.0.0.1",
      "127.1",
      "2130706433",
      "1.2.3.4 ",
    ],
    ...[
      "1..2.3",
      ".1.2.3",
      "1.2.3.",
      "1.2.3.4/32",
      "1.2.3.4:80",
      "1.2.3.4%1",
      "١.٢.٣.٤",
      "1.2.3.4\n",
      "+1.2.3.4",
    ],
    ...[
      "[::1]",
      ":::",
      "1::2::3",
      "12345::",
      "g::",
      "::ffff:01.2.3.4",
      "::1/64",
      "localhost",
      "unknown",
      "\0",
    ],
    ":".repeat(10_000),
  ])("refuses %j", (text) => {
    expect(normaliseIp(text)).toBeUndefined();
  });
});

describe("ipScopeValue", () => {
  it("counts IPv4 under itself, and IPv6 under its /64", () => {
    expect(ipScopeValue("192.0.2.1")).toBe("192.0.2.1");
    expect(ipScopeValue("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(ipScopeValue("2001:db8:1:2::")).toBe("2001:db8:1:2::/64");
    expect(ipScopeValue("2001:db8::1")).toBe("2001:db8::/64");
    expect(ipScopeValue("::1")).toBe("::/64");
  });

  it("counts IPv6 under a longer or shorter prefix if told so", () => {
    expect(ipScopeValue("2001:db8:1:2ff:3::", 56)).toBe("2001:db8:1:200::/56");
    expect(ipScopeValue("2001:db8:1:2::1", 48)).toBe("2001:db8:1::/48");
    expect(ipScopeValue("2001:db8:1:2::1", 128)).toBe("2001:db8:1:2::1/128");
    expect(ipScopeValue("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
  });

  it("counts an IPv4-mapped address as IPv4", () => {
    expect(ipScopeValue("::ffff:192.0.2.1")).toBe("192.0.2.1");
  });

  it("leaves alone what is no address", () => {
    expect(ipScopeValue("unknown")).toBe("unknown");
    expect(ipScopeValue("a:b")).toBe("a:b");
  });

  it("still answers after more addresses than it remembers", () => {
    for (let index = 0; index < 10_000; index++) ipScopeValue(`2001:db8:${index.toString(16)}::1`);
    expect(ipScopeValue("2001:db8:0::1")).toBe("2001:db8::/64");
  });
});

describe("prefixOf", () => {
  it("is the prefix of that length", () => {
    expect(prefixOf("203.0.113.7", 24)).toBe("203.0.113.0/24");
    expect(prefixOf("203.0.113.7", 0)).toBe("0.0.0.0/0");
    expect(prefixOf("203.0.113.7", 32)).toBe("203.0.113.7/32");
    expect(prefixOf("255.255.255.255", 9)).toBe("255.128.0.0/9");
    expect(prefixOf("2001:db8::1", 32)).toBe("2001:db8::/32");
  });

  it("is undefined where there is none", () => {
    expect(prefixOf("203.0.113.7", 64)).toBeUndefined();
    expect(prefixOf("2001:db8::1", 129)).toBeUndefined();
    expect(prefixOf("unknown", 8)).toBeUndefined();
  });
});

describe("parseCidr", () => {
  it("clears host bits and makes one address a range", () => {
    expect(parseCidr("10.1.2.3/8")).toBe("10.0.0.0/8");
    expect(parseCidr("192.0.2.1")).toBe("192.0.2.1/32");
    expect(parseCidr("2001:DB8:ffff::1/33")).toBe("2001:db8:8000::/33");
    expect(parseCidr("::1")).toBe("::1/128");
    expect(parseCidr("::ffff:10.0.0.0/104")).toBe("10.0.0.0/8");
    expect(parseCidr("0.0.0.0/0")).toBe("0.0.0.0/0");
  });

  it.each([
    "",
    "/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10/8",
    "::/129",
    "::ffff:1.2.3.4/95",
    "a/8",
  ])("refuses %j", (text) => {
    expect(() => parseCidr(text)).toThrow(expect.objectContaining({ code: "INVALID_ADDRESS" }));
    expect(readCidr(text)).toBeUndefined();
  });
});

describe("cidrContains", () => {
  const contains = (range: string, ip: string) => {
    const cidr = readCidr(range);
    if (!cidr) throw new Error(range);
    return cidrContains(cidr, ip);
  };

  it("holds at both edges of a range and not beyond", () => {
    expect(contains("10.0.0.0/8", "10.0.0.0")).toBe(true);
    expect(contains("10.0.0.0/8", "10.255.255.255")).toBe(true);
    expect(contains("10.0.0.0/8", "9.255.255.255")).toBe(false);
    expect(contains("10.0.0.0/8", "11.0.0.0")).toBe(false);
    expect(contains("128.0.0.0/1", "255.255.255.255")).toBe(true);
    expect(contains("2001:db8::/33", "2001:db8:7fff:ffff::1")).toBe(true);
    expect(contains("2001:db8::/33", "2001:db8:8000::")).toBe(false);
  });

  it("does not mix the families", () => {
    expect(contains("0.0.0.0/0", "::1")).toBe(false);
    expect(contains("::/0", "10.0.0.1")).toBe(false);
    expect(contains("::/0", "2001:db8::1")).toBe(true);
  });
});
