// Finds the networks in the JSON of providers and feeds, which each has fields of its own.
//
// It is not made into values: sixty megabytes of `[],[],` would become a gigabyte of them, and V8 ends the whole process, not only
// the thread, when memory runs out in the midst of JSON.parse.

import { SourceFailure } from "./failure.ts";

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
/** Theirs are four deep at most. */
const deepest = 64;
/** Longer texts are no networks, whatever they are. */
const longestText = 1024;
const blank = /[ \t\r\n]*/y;
const literal = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Every text in an array, and every text in a field that is called like a network; of one value or of several, one after the other.
 *
 * @throws SourceFailure `NOT_A_LIST` when it is no JSON, or its end is missing
 */
export function* jsonEntries(text: string): Generator<string> {
  /** What is open: `[` or `{`. */
  const open: string[] = [];
  let key = "";
  let isAfterValue = false;
  let at = skip(blank, text, 0);
  while (at < text.length) {
    const mark = text[at] as string;
    const inside = open.at(-1);
    if (mark === "," || mark === "]" || mark === "}") {
      if (mark === "," ? !isAfterValue || inside === undefined : inside !== (mark === "]" ? "[" : "{"))
        throw broken();
      if (mark !== ",") open.pop();
      isAfterValue = mark !== ",";
      at++;
    } else if (isAfterValue && inside !== undefined) throw broken();
    else if (mark === "[" || mark === "{") {
      if (open.push(mark) > deepest) throw broken();
      isAfterValue = false;
      at++;
    } else if (mark === '"') {
      const end = endOfText(text, at);
      const value = textOf(text, at, end);
      at = skip(blank, text, end);
      if (inside === "{" && text[at] === ":") {
        key = value;
        at++;
      } else {
        isAfterValue = true;
        if (inside === "[" || (inside === "{" && fields.has(key))) yield value;
      }
    } else {
      const end = skip(literal, text, at);
      if (end === at) throw broken();
      isAfterValue = true;
      at = end;
    }
    at = skip(blank, text, at);
  }
  if (open.length > 0) throw broken();
}

const broken = () => new SourceFailure("NOT_A_LIST", "its JSON cannot be read");

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The place after the quote that ends it: one with an even number of backslashes before it. */
function endOfText(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  throw broken();
}

function textOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, Math.min(end - 1, start + 1 + longestText));
  if (!inner.includes("\\")) return inner;
  try {
    return end - start > longestText ? inner : JSON.parse(text.slice(start, end));
  } catch {
    throw broken();
  }
}
