// The Lua script of the windows with a typed wrapper: what goes in, and what its answer means. The only file that knows its arguments.

import { createHash } from "node:crypto";
import { loadScript } from "./load-script.ts";
import type { ScriptCall } from "./redis-connection.ts";
import type { Backoff, Burst, WindowOperation, WindowResult, WindowState } from "./window-store.ts";

const observe = loadScript("observe-1");

/** @param operations of one scope/value, which is kept under `key`; their texts are those that `readObserved` gives back */
export const observeCall = (key: string, operations: readonly WindowOperation[]): ScriptCall => ({
  script: observe,
  keys: [key],
  args: [JSON.stringify(operations.map(toArguments))],
});

/** @param reply what the script has answered to `operation`, one element of its output */
export function readObserved(operation: WindowOperation, reply: unknown): WindowResult {
  switch (operation.kind) {
    case "count":
    case "reserve":
      return readCounted(operation, reply as CountedReply);
    case "distinct":
      return readMember(reply as MemberReply);
    case "recent": {
      const recalled = reply as RecalledReply;
      return { ...readMember(recalled), entries: recalled[4].map(([at, entry]) => ({ at, entry })) };
    }
    case "score": {
      const [moved, score] = reply as [moved: number, score: number | null];
      return { ...nothing, admitted: moved === 1, score: toPoints(score) };
    }
    case "peek":
      return readPeeked(reply as PeekReply);
    case "release":
    case "clear":
    case "end-row":
      return nothing;
  }
}

type MemberReply = readonly [count: number, admitted: number, crossed: number, oldestAt: number | null];
type CountedReply = readonly [
  ...MemberReply,
  burstCount: number,
  burstCrossed: number,
  rowCount: number,
  rowCrossed: number,
  freeAt: number | null,
  score: number | null,
  ...([] | readonly [shareCount: number, shareInBurst: number, shareCrossed: number]),
];
type RecalledReply = readonly [...MemberReply, entries: readonly (readonly [at: number, entry: string])[]];
type StateReply = readonly [
  window: string,
  count: number,
  windowMs: number,
  oldestAt: number,
  emptyAt: number,
];
type MoveReply = readonly [at: number, by: string, points: number, times: number];
type PeekReply = readonly [states: readonly StateReply[], score: number | null, moves: readonly MoveReply[]];

const nothing: WindowResult = { count: 0, admitted: false, crossed: false, oldestAt: undefined };

function toArguments(operation: WindowOperation): unknown[] {
  switch (operation.kind) {
    case "count":
    case "reserve": {
      const { kind, at, windowMs, limit, burst, backoff, row, perTag } = operation;
      const window = codeOf(operation.window);
      const threshold = kind === "count" && operation.threshold;
      return [
        ...[kind, window, at, windowMs, limit, threshold, short(operation.id), short(operation.tag)],
        ...[burst ? burstOf(burst) : false, backoff ? backoffOf(backoff) : false],
        row ? [row.threshold, row.keepMs] : false,
        perTag ? [perTag.limit, perTag.burstThreshold] : false,
      ];
    }
    case "distinct": {
      const { kind, at, windowMs, limit, threshold, member, since } = operation;
      return [
        kind,
        codeOf(operation.window),
        at,
        windowMs,
        limit,
        threshold,
        short(member),
        since === "first",
      ];
    }
    case "recent": {
      const { kind, at, windowMs, limit, entry } = operation;
      return [kind, codeOf(operation.window), at, windowMs, limit, entry.toWellFormed()];
    }
    case "release":
      return [operation.kind, codeOf(operation.window), short(operation.id)];
    case "clear":
      return [operation.kind, codeOf(operation.window), short(operation.tag)];
    case "end-row":
      return [operation.kind, codeOf(operation.window)];
    case "score": {
      const { kind, by, at, points, tag, halfLifeMs, mostADay, holdMs } = operation;
      return [kind, by.slice(0, 64), at, Math.round(points * 1000), short(tag), halfLifeMs, mostADay, holdMs];
    }
    case "peek": {
      const { kind, at, lengths = [], tag } = operation;
      return [kind, at, lengths.map(({ window, windowMs }) => [codeOf(window), windowMs]), short(tag)];
    }
  }
}

const burstOf = ({ windowMs, threshold }: Burst) => [windowMs, threshold];
const backoffOf = ({ threshold, windowMs, waitMs, longestWaitMs }: Backoff) => [
  threshold,
  windowMs,
  waitMs,
  longestWaitMs,
];

function readCounted(
  { burst, row, backoff, perTag }: Extract<WindowOperation, { kind: "count" | "reserve" }>,
  reply: CountedReply,
): WindowResult {
  const [count, admitted, crossed, oldestAt, burstCount, burstCrossed, rowCount, rowCrossed] = reply;
  const [, , , , , , , , freeAt, score, shareCount = 0, shareInBurst = 0, shareCrossed = 0] = reply;
  return {
    count,
    admitted: admitted === 1,
    crossed: crossed === 1,
    oldestAt: oldestAt ?? undefined,
    burst: burst && { count: burstCount, crossed: burstCrossed === 1 },
    row: row && { count: rowCount, crossed: rowCrossed === 1 },
    share: perTag && { count: shareCount, inBurst: shareInBurst, crossed: shareCrossed === 1 },
    freeAt: backoff && (freeAt ?? undefined),
    score: toPoints(score),
  };
}

const readMember = ([count, admitted, crossed, oldestAt]: MemberReply | RecalledReply): WindowResult => ({
  count,
  admitted: admitted === 1,
  crossed: crossed === 1,
  oldestAt: oldestAt ?? undefined,
});

const toPoints = (thousandths: number | null) => (thousandths === null ? undefined : thousandths / 1000);

function readPeeked([states, score, moves]: PeekReply): WindowResult {
  const windows = states.map(readState);
  if (score === null) return { ...nothing, windows };
  const moved = moves.map(([at, by, points, times]) => ({ at, by, points: points / 1000, times }));
  return { ...nothing, windows, scored: { score: score / 1000, moves: moved } };
}

const readState = ([code, count, windowMs, oldestAt, emptyAt]: StateReply): WindowState => ({
  window: names.get(code) ?? code,
  count,
  windowMs,
  oldestAt,
  emptyAt,
});

/**
 * A window's name is kept as six characters of its digest, which are read back by the names that this process has asked for:
 * those of its rules, so there are few. In Redis names would be a third of what a count takes.
 */
function codeOf(window: string): string;
function codeOf(window: string | undefined): string | false;
function codeOf(window: string | undefined): string | false {
  if (window === undefined) return false;
  const known = codes.get(window);
  if (known !== undefined) return known;
  const code = digestOf(window).slice(0, 6);
  codes.set(window, code);
  names.set(code, window);
  return code;
}

const codes = new Map<string, string>();
const names = new Map<string, string>();

/** Ids, tags and members are compared and never given back: a long or odd one is kept as its digest, which is short and plain. */
function short(text: string | undefined): string | false {
  if (text === undefined) return false;
  return plain.test(text) ? text : digestOf(text);
}

const plain = /^[\x20-\x7e]{0,15}$/;

/** 96 bits of SHA-256 in 16 characters, one more than a plain text has, so that nobody writes a text that is the digest of another. */
export const digestOf = (text: string): string =>
  // UTF-8 would make one character of all halves of surrogate pairs, and two texts one.
  createHash("sha256").update(text, "utf16le").digest("base64url").slice(0, 16);
