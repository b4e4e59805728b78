// Which address counts behind which proxies, what a client can and cannot forge, and the warnings about the set-up.
import { describe, expect, it } from "vitest";
import { type ClientIpOptions, type ClientIpWarning, createClientIp } from "./client-ip.ts";

const from = (
  options: ClientIpOptions,
  socketAddress: string | undefined,
  headers: Record<string, string> = {},
): string => createClientIp(options)({ socketAddress, header: (name) => headers[name] });

const xff = (forwarded: string, trustedProxies = ["10.0.0.0/8"]) =>
  from({ trustedProxies }, "10.0.0.1", { "x-forwarded-for": forwarded });

const rfc7239 = (forwarded: string, trustedProxies = ["10.0.0.0/8"]) =>
  from({ trustedProxies, forwardedHeader: "forwarded" }, "10.0.0.1", { forwarded });

describe("without trusted proxies", () => {
  it("the client is the socket's peer, whatever the headers say", () => {
    const headers = {
      "x-forwarded-for": "198.51.100.9",
      forwarded: "for=198.51.100.9",
      "x-real-ip": "198.51.100.9",
    };
    expect(from({}, "203.0.113.7", headers)).toBe("203.0.113.7");
    expect(from({ trustedProxies: ["10.0.0.0/8"] }, "203.0.113.7", headers)).toBe("203.0.113.7");
  });

  it("an IPv4-mapped peer is IPv4, IPv6 is canonical, and a zone id goes", () => {
    expect(from({}, "::ffff:203.0.113.7")).toBe("203.0.113.7");
    expect(from({}, "2001:DB8:0::1")).toBe("2001:db8::1");
    expect(from({}, "fe80::1%eth0")).toBe("fe80::1");
  });

  it("a peer without an address is unknown", () => {
    expect(from({}, undefined, { "x-forwarded-for": "198.51.100.9" })).toBe("unknown");
  });
});

describe("behind trusted proxies, X-Forwarded-For", () => {
  it("counts the first untrusted address from the right", () => {
    expect(xff("198.51.100.9")).toBe("198.51.100.9");
    expect(xff("1.1.1.1, 198.51.100.9")).toBe("198.51.100.9");
    expect(xff("1.1.1.1, 198.51.100.9, 10.0.0.2, 10.0.0.3")).toBe("198.51.100.9");
  });

  it("counts the leftmost of a chain that is all trusted, and the peer without a header", () => {
    expect(xff("10.0.0.5, 10.0.0.2")).toBe("10.0.0.5");
    expect(from({ trustedProxies: ["10.0.0.1"] }, "10.0.0.1")).toBe("10.0.0.1");
    expect(xff("")).toBe("10.0.0.1");
  });

  it("stops at garbage and counts the valid hop to its right", () => {
    expect(xff("198.51.100.9, garbage")).toBe("10.0.0.1");
    expect(xff("198.51.100.9, unknown, 10.0.0.2")).toBe("10.0.0.2");
    expect(xff("198.51.100.9,,10.0.0.2")).toBe("10.0.0.2");
    expect(xff(",")).toBe("10.0.0.1");
    expect(xff("198.51.100.9, 10.0.0.02")).toBe("10.0.0.1");
    expect(xff(`198.51.100.9, ${"9".repeat(3000)}`)).toBe("10.0.0.1");
  });

  it("takes off ports, brackets and zone ids", () => {
    expect(xff("198.51.100.9:4711")).toBe("198.51.100.9");
    expect(xff("[2001:db8::9]:443")).toBe("2001:db8::9");
    expect(xff("[2001:db8::9]")).toBe("2001:db8::9");
    expect(xff("2001:DB8::9")).toBe("2001:db8::9");
    expect(xff("fe80::9%en0")).toBe("fe80::9");
    expect(xff("::ffff:198.51.100.9")).toBe("198.51.100.9");
    expect(xff("[198.51.100.9]:80")).toBe("10.0.0.1");
  });

  it("recognises a trusted hop and peer however it is written", () => {
    expect(xff("198.51.100.9, ::ffff:10.0.0.2")).toBe("198.51.100.9");
    expect(
      from({ trustedProxies: ["2001:db8:ffff::/48"] }, "2001:DB8:FFFF:0::1", {
        "x-forwarded-for": "192.0.2.1",
      }),
    ).toBe("192.0.2.1");
    expect(
      from({ trustedProxies: ["::ffff:10.0.0.0/104"] }, "::ffff:10.0.0.1", {
        "x-forwarded-for": "192.0.2.1",
      }),
    ).toBe("192.0.2.1");
  });

  it("looks at a bounded number of hops and characters", () => {
    expect(xff(`198.51.100.9, ${"10.0.0.2, ".repeat(40)}10.0.0.3`)).toBe("10.0.0.2");
    expect(xff(`${"1.1.1.1, ".repeat(100_000)}198.51.100.9`)).toBe("198.51.100.9");
    expect(xff(`198.51.100.9${" ".repeat(10_000)}, 10.0.0.2`)).toBe("10.0.0.2");
  });

  it("never reads Forwarded, which the client may have sent through the proxy", () => {
    const headers = { "x-forwarded-for": "198.51.100.9", forwarded: "for=1.1.1.1" };
    expect(from({ trustedProxies: ["10.0.0.1"] }, "10.0.0.1", headers)).toBe("198.51.100.9");
    expect(from({ trustedProxies: ["10.0.0.1"] }, "10.0.0.1", { forwarded: "for=1.1.1.1" })).toBe("10.0.0.1");
    expect(from({ trustedProxies: ["10.0.0.1"], forwardedHeader: "forwarded" }, "10.0.0.1", headers)).toBe(
      "1.1.1.1",
    );
  });

  it("trusts a Unix socket if told so", () => {
    const headers = { "x-forwarded-for": "198.51.100.9" };
    expect(from({ trustedProxies: ["unix"] }, undefined, headers)).toBe("198.51.100.9");
    expect(from({ trustedProxies: ["10.0.0.1"] }, undefined, headers)).toBe("unknown");
  });
});

describe("behind trusted proxies, RFC 7239 Forwarded", () => {
  it("reads the examples of section 4", () => {
    expect(rfc7239('For="[2001:db8:cafe::17]:4711"')).toBe("2001:db8:cafe::17");
    expect(rfc7239("for=192.0.2.60;proto=http;by=203.0.113.43")).toBe("192.0.2.60");
    expect(rfc7239("for=192.0.2.43, for=198.51.100.17")).toBe("198.51.100.17");
  });

  it("reads quoted values with ports, separators and escapes", () => {
    expect(rfc7239('proto=https; for="198.51.100.9:80"')).toBe("198.51.100.9");
    expect(rfc7239('for=198.51.100.9;host="a,b;for=1.1.1.1"')).toBe("198.51.100.9");
    expect(rfc7239('for="\\1\\9\\8.51.100.9"')).toBe("198.51.100.9");
    expect(rfc7239('for="\\"1.1.1.1"')).toBe("10.0.0.1");
  });

  it("ends at unknown, obfuscated and missing identifiers", () => {
    expect(rfc7239("for=198.51.100.9, for=unknown, for=10.0.0.2")).toBe("10.0.0.2");
    expect(rfc7239("for=198.51.100.9, for=_hidden")).toBe("10.0.0.1");
    expect(rfc7239("for=198.51.100.9, proto=https")).toBe("10.0.0.1");
    expect(rfc7239('for="198.51.100.9')).toBe("10.0.0.1");
  });

  it("is not led astray by a quotation mark that the client sent", () => {
    expect(rfc7239('for="1.1.1.1, for=198.51.100.9')).toBe("198.51.100.9");
    expect(rfc7239('for="1.1.1.1\\, for="[2001:db8::9]:1"')).toBe("2001:db8::9");
    expect(rfc7239('","",for=1.1.1.1;x=", for=198.51.100.9, for=10.0.0.2')).toBe("198.51.100.9");
  });
});

describe("options", () => {
  it.each(["10.0.0.0/33", "nginx", "", "10.0.0", "*"])("refuse %j as a proxy", (entry) => {
    expect(() => createClientIp({ trustedProxies: ["127.0.0.1", entry] })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTIONS",
        message: expect.stringContaining(JSON.stringify(entry)),
      }),
    );
  });
});

describe("warnings", () => {
  function watched(trustedProxies: string[] = []) {
    const warnings: ClientIpWarning[] = [];
    const clientIp = createClientIp({ trustedProxies, onWarning: (warning) => warnings.push(warning) });
    const request = (socketAddress: string, headers: Record<string, string> = {}) =>
      clientIp({ socketAddress, header: (name) => headers[name] });
    return { warnings, request };
  }

  it("tell once of a forwarded header from a peer that is not trusted, and what to add", () => {
    const { warnings, request } = watched(["10.0.0.0/8"]);
    for (let index = 0; index < 5; index++) request("172.16.0.1", { "x-forwarded-for": "1.1.1.1" });
    request("172.16.0.2", { forwarded: "for=1.1.1.1" });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.code).toBe("FORWARDED_HEADER_UNTRUSTED");
    expect(warnings[0]?.message).toContain("172.16.0.1/32");
  });

  it("tell of the private proxy although a stranger sent the header first", () => {
    const { warnings, request } = watched();
    request("8.8.8.8", { "x-forwarded-for": "1.1.1.1" });
    request("8.8.4.4", { "x-forwarded-for": "1.1.1.1" });
    request("::ffff:192.168.1.2", { "x-forwarded-for": "1.1.1.1" });
    expect(warnings.map((warning) => warning.message.includes("192.168.1.2/32"))).toEqual([false, true]);
    expect(warnings.map((warning) => warning.level)).toEqual(["notice", "problem"]);
  });

  it("say nothing about a header from a trusted peer", () => {
    const { warnings, request } = watched(["10.0.0.0/8"]);
    request("10.0.0.1", { "x-forwarded-for": "8.8.8.8" });
    expect(warnings).toEqual([]);
  });

  it("tell once when over 90 % of 200 requests come from one private address", () => {
    const { warnings, request } = watched();
    for (let index = 0; index < 199; index++) request("192.168.1.2");
    expect(warnings).toEqual([]);
    for (let index = 0; index < 1000; index++) request("192.168.1.2");
    expect(warnings.map((warning) => warning.code)).toEqual(["ONE_PRIVATE_CLIENT"]);
    expect(warnings[0]?.message).toContain("192.168.1.2/32");
  });

  it("find that address although others came first", () => {
    const { warnings, request } = watched();
    for (let index = 0; index < 10; index++) request(`8.8.8.${index}`);
    for (let index = 0; index < 500; index++) request("192.168.1.2");
    expect(warnings.map((warning) => warning.code)).toEqual(["ONE_PRIVATE_CLIENT"]);
  });

  it("say nothing when 90 % or less come from it, or it is public", () => {
    const { warnings, request } = watched();
    for (let index = 0; index < 1000; index++) request(index % 10 === 0 ? "192.168.1.3" : "192.168.1.2");
    for (let index = 0; index < 1000; index++) request("8.8.8.8");
    expect(warnings).toEqual([]);
  });
});
