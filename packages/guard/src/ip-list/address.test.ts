// The fast reader takes what net.isIP takes, and reads the words that ipaddr.js reads.

import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, it } from "vitest";
import { ipv4, ipv6, mapped, none, readAddress } from "./address.ts";

const runs = { numRuns: 20_000, seed: 20_261_125 };
const group = fc.nat({ max: 0xffff }).map((value) => value.toString(16));
const byte = fc.nat({ max: 255 }).map(String);
const dotted = fc.array(byte, { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join("."));
/** Addresses, and what comes close to one. */
const piece = fc.oneof(
  group,
  dotted,
  fc.constantFrom(
    "::",
    ":",
    "0",
    "00000",
    "0000",
    "ffff",
    "FFFF",
    "01.2.3.4",
    "1.2.3",
    "256.1.1.1",
    "g",
    ".",
    "١",
  ),
);
const text = fc.array(fc.oneof(piece, fc.constant(":")), { maxLength: 17 }).map((pieces) => pieces.join(""));
const address = fc.oneof(
  dotted,
  dotted.map((ip) => `::ffff:${ip}`),
  fc.ipV6(),
);

/** The words of the address, in an array as long as they are; undefined when it is none. */
function wordsOf(ip: string): number[] | undefined {
  const words = new Uint32Array(4);
  const kind = readAddress(ip, 0, ip.length, words);
  if (kind === none) return undefined;
  return [...words.subarray(0, kind === ipv6 ? 4 : 1)];
}

/** ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`, so it is given what a URL makes of the address. */
function expectedWords(ip: string): number[] | undefined {
  if (isIP(ip) === 0) return undefined;
  const { hostname } = new URL(isIP(ip) === 6 ? `http://[${ip}]` : `http://${ip}`);
  const address = ipaddr.process(hostname.replace(/[[\]]/g, ""));
  const bytes = Buffer.from(address.toByteArray());
  return Array.from({ length: bytes.length / 4 }, (_, word) => bytes.readUInt32BE(word * 4));
}

it("reads every address as ipaddr.js does", () => {
  fc.assert(
    fc.property(address, (ip) => {
      expect(wordsOf(ip)).toEqual(expectedWords(ip));
    }),
    runs,
  );
});

it("takes what net.isIP takes, and nothing else", () => {
  let addresses = 0;
  const property = fc.property(text, (ip) => {
    if (isIP(ip)) addresses++;
    expect(wordsOf(ip)).toEqual(expectedWords(ip));
  });
  fc.assert(property, runs);
  expect(addresses).toBeGreaterThan(1000);
});

it.each([
  ...[
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "0x7f.0.0.1",
  ],
  ...[
    ":",
    ":::",
    "1:",
    ":1",
    "1::2::3",
    "::1:",
    "12345::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
  ],
  ...[
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3",
    "::01.2.3.4",
    "1.2.3.4::",
    "fe80::1%eth0",
    "[::1]",
    "localhost",
    "2130706433",
  ],
])("%j is read as net.isIP says", (ip) => {
  expect(wordsOf(ip)).toEqual(ip.includes("%") ? undefined : expectedWords(ip));
});

it("says which IPv4 was written as IPv6, and reads a part of a text", () => {
  const words = new Uint32Array(4);
  const kindOf = (ip: string) => readAddress(ip, 0, ip.length, words);
  expect(
    ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "::1.2.3.4", "64:ff9b::1.2.3.4"].map(kindOf),
  ).toEqual([ipv4, mapped, mapped, ipv6, ipv6]);
  expect(readAddress("add x 203.0.113.7/24", 6, 17, words)).toBe(ipv4);
  expect(words[0]).toBe(0xcb007107);
});
