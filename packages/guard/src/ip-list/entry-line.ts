// Reads one line of a text list: an address, a CIDR or a range, bare or as ipset saves it, with or without a comment.

import { ipv4, ipv6, mapped, none, readAddress } from "./address.ts";
import { type Family, longest, maskOf, wordCount } from "./prefix.ts";
import { type Piece, splitRange } from "./range.ts";

/** What is wrong with a line that is left out; docs/errors.md says what to do about each. */
export type IpListLineCode =
  | "NOT_AN_ADDRESS"
  | "PREFIX_LENGTH"
  | "RANGE"
  | "ZONE"
  | "UNSUPPORTED"
  | "LINE_TOO_LONG"
  | "TOO_BROAD"
  | "EXEMPT";

/** Takes the networks of a line. `words` are only valid during the call. */
export interface EntryTaker {
  /** @param hadHostBits the line had bits set beyond the prefix, which were cleared */
  take(family: Family, words: Uint32Array, length: number, hadHostBits: boolean): void;
  /** A range is taken whole or refused whole. */
  takeRange(family: Family, pieces: readonly Piece[]): void;
  refuse(code: IpListLineCode): void;
}

/** Longer lines are none of a list; a comment may be longer. */
const longestLine = 1024;

type Problem = IpListLineCode | undefined;

const words = new Uint32Array(4);
const others = new Uint32Array(4);

/** Hands what the line says to `taker`: nothing for a comment, one network, the networks of a range, or what is wrong with it. */
export function readEntryLine(line: string, taker: EntryTaker): void {
  let start = 0;
  let end = contentEnd(line);
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  if (start === end) return;
  const problem = readContent(line, start, end, taker);
  if (problem) taker.refuse(problem);
}

function readContent(line: string, start: number, end: number, taker: EntryTaker): Problem {
  if (end - start > longestLine) return "LINE_TOO_LONG";
  for (let i = start; i < end; i++) {
    if (isBlank(line.charCodeAt(i))) return readWords(line.slice(start, end), taker);
  }
  return readEntry(line, start, end, taker);
}

/** `add NAME ENTRY [options]` and `create NAME TYPE …` of `ipset save`, a range with spaces around its dash, or columns. */
function readWords(text: string, taker: EntryTaker): Problem {
  const [first = "", ...rest] = text.split(/[ \t]+/);
  const [second, third = "", ...options] = rest;
  if (first === "create" && second !== undefined) return undefined;
  if (first === "add" && second !== undefined) {
    // An exception to the set's other entries: to read it as an entry would say its contrary.
    if (options.includes("nomatch")) return "UNSUPPORTED";
    return readEntry(third, 0, third.length, taker);
  }
  if (second === "-" && options.length === 0) {
    const range = `${first}-${third}`;
    return readEntry(range, 0, range.length, taker);
  }
  // Behind a tab stands how often an address was seen, or when. But a second address may be the end of a range, or meant as well.
  const isColumn = text[first.length] === "\t" && !rest.some(isNetwork);
  return isColumn ? readEntry(first, 0, first.length, taker) : "NOT_AN_ADDRESS";
}

function isNetwork(text: string): boolean {
  const slash = text.indexOf("/");
  return readAddress(text, 0, slash < 0 ? text.length : slash, words) !== none;
}

function readEntry(text: string, start: number, end: number, taker: EntryTaker): Problem {
  let slash = -1;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 45) return readRange(text, start, i, end, taker);
    if (code === 37) return "ZONE";
    if (code === 47) {
      slash = i;
      break;
    }
  }
  const kind = readAddress(text, start, slash < 0 ? end : slash, words);
  if (kind === none) return "NOT_AN_ADDRESS";
  const family = kind === ipv6 ? ipv6 : ipv4;
  let length: number = longest[family];
  if (slash >= 0) {
    length = readPrefixLength(text, slash + 1, end) - (kind === mapped ? 96 : 0);
    if (!(length >= 0 && length <= longest[family])) return "PREFIX_LENGTH";
  }
  taker.take(family, words, length, clearHostBits(family, length));
  return undefined;
}

/** Reads as `readCidr` does: host bits may be set, and the network is what is meant. */
function clearHostBits(family: Family, length: number): boolean {
  let cleared = false;
  for (let i = 0; i < wordCount[family]; i++) {
    const word = words[i] as number;
    const network = (word & maskOf(length - i * 32)) >>> 0;
    if (network !== word) cleared = true;
    words[i] = network;
  }
  return cleared;
}

function readRange(text: string, start: number, dash: number, end: number, taker: EntryTaker): Problem {
  const kind = readAddress(text, start, dash, words);
  const otherKind = readAddress(text, dash + 1, end, others);
  if (kind === none || otherKind === none) return "NOT_AN_ADDRESS";
  const family = kind === ipv6 ? ipv6 : ipv4;
  if ((otherKind === ipv6 ? ipv6 : ipv4) !== family) return "RANGE";
  const pieces = splitRange(family, words, others);
  if (pieces === undefined) return "RANGE";
  taker.takeRange(family, pieces);
  return undefined;
}

/** NaN when it is no number of up to three digits without leading zeros. */
function readPrefixLength(text: string, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > 3 || (digits > 1 && text.charCodeAt(start) === 48)) return Number.NaN;
  let length = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    length = length * 10 + digit;
  }
  return length;
}

/** Where a comment begins: `#`, or `;` as Spamhaus writes it. */
function contentEnd(line: string): number {
  for (let i = 0; i < line.length && i <= longestLine; i++) {
    const code = line.charCodeAt(i);
    if (code === 35 || code === 59) return i;
  }
  return line.length;
}

/** A space, a tab, or what a line of Windows ends with. */
const isBlank = (code: number) => code === 32 || code === 9 || code === 13;
