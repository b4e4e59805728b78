// What each form of a line means, and what is said about a line that means nothing.

import { expect, it } from "vitest";
import { readEntryLine } from "./entry-line.ts";
import { type Family, longest } from "./prefix.ts";

/** Networks as `family:words/length`, with `!` after one whose host bits were set; or the code of a refusal. */
function read(line: string): string[] {
  const found: string[] = [];
  const textOf = (family: Family, words: Uint32Array, length: number) =>
    `${family}:${[...words.subarray(0, longest[family] / 32)].map((word) => word.toString(16)).join(".")}/${length}`;
  readEntryLine(line, {
    take: (family, words, length, hadHostBits) =>
      found.push(textOf(family, words, length) + (hadHostBits ? "!" : "")),
    takeRange: (family, pieces) => {
      for (const { first, length } of pieces) found.push(textOf(family, first, length));
    },
    refuse: (code) => found.push(code),
  });
  return found;
}

it.each<[line: string, expected: string[]]>([
  ["203.0.113.7", ["4:cb007107/32"]],
  ["203.0.113.0/24", ["4:cb007100/24"]],
  ["203.0.113.7/24", ["4:cb007100/24!"]],
  ["0.0.0.0/0", ["4:0/0"]],
  ["  203.0.113.7\t\r", ["4:cb007107/32"]],
  ["203.0.113.7 # a scanner", ["4:cb007107/32"]],
  ["203.0.113.0/24 ; SBL1234", ["4:cb007100/24"]],
  ["2001:db8::/32", ["6:20010db8.0.0.0/32"]],
  ["2001:db8::1/64", ["6:20010db8.0.0.0/64!"]],
  ["::ffff:203.0.113.7", ["4:cb007107/32"]],
  ["::ffff:203.0.113.7/120", ["4:cb007100/24!"]],
  ["::ffff:0:0/96", ["4:0/0"]],
  ["64:ff9b::203.0.113.7", ["6:64ff9b.0.0.cb007107/128"]],
  ["203.0.113.7\t10", ["4:cb007107/32"]],
  ["203.0.113.0/24\t2026-11-25 10:00\tssh", ["4:cb007100/24"]],
  ["add blocked 203.0.113.0/24", ["4:cb007100/24"]],
  ["add blocked 203.0.113.7 timeout 300 comment x", ["4:cb007107/32"]],
  ["203.0.113.4-203.0.113.9", ["4:cb007104/30", "4:cb007108/31"]],
  ["203.0.113.4 - 203.0.113.4", ["4:cb007104/32"]],
  ["2001:db8::-2001:db8::1", ["6:20010db8.0.0.0/127"]],
])("%j is read", (line, expected) => {
  expect(read(line)).toEqual(expected);
});

it.each(["", " ", "# a comment", ";", "\r", "create blocked hash:net family inet", `#${"x".repeat(5000)}`])(
  "%j says nothing",
  (line) => {
    expect(read(line)).toEqual([]);
  },
);

it.each<[line: string, code: string]>([
  ["example.com", "NOT_AN_ADDRESS"],
  ["my-host.example.com", "NOT_AN_ADDRESS"],
  ["203.0.113.7 203.0.113.8", "NOT_AN_ADDRESS"],
  ["203.0.113.0\t203.0.113.255\t24", "NOT_AN_ADDRESS"],
  ["203.0.113.7\tseen by 198.51.100.0/24", "NOT_AN_ADDRESS"],
  ['203.0.113.7 - - [25/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200', "NOT_AN_ADDRESS"],
  ["203.0.113.7,203.0.113.8", "NOT_AN_ADDRESS"],
  ["203.0.113.0/24/24", "PREFIX_LENGTH"],
  ["203.0.113.0/33", "PREFIX_LENGTH"],
  ["203.0.113.0/-1", "PREFIX_LENGTH"],
  ["203.0.113.0/", "PREFIX_LENGTH"],
  ["203.0.113.0/024", "PREFIX_LENGTH"],
  ["203.0.113.0/255.255.255.0", "PREFIX_LENGTH"],
  ["2001:db8::/129", "PREFIX_LENGTH"],
  ["::ffff:203.0.113.7/95", "PREFIX_LENGTH"],
  ["203.0.113.9-203.0.113.4", "RANGE"],
  ["203.0.113.9-2001:db8::", "RANGE"],
  ["fe80::1%eth0", "ZONE"],
  ["add blocked 203.0.113.7 nomatch", "UNSUPPORTED"],
  ["add blocked", "NOT_AN_ADDRESS"],
  ["<!doctype html>", "NOT_AN_ADDRESS"],
  ["\x1f\x8b\b\0", "NOT_AN_ADDRESS"],
  ["1".repeat(2000), "LINE_TOO_LONG"],
])("%j is refused: %s", (line, code) => {
  expect(read(line)).toEqual([code]);
});
