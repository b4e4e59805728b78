// A score in memory: where it stands, how it goes back to neutral, and what has moved it. lua/observe-1.lua does the same.

import type { ScoreMove, ScoreState, WindowOperation } from "./window-store.ts";

/** In thousandths of a point, which any program rounds and adds up to the same. */
export interface MemoryScore {
  value: number;
  /** The time at which it stood there: the latest that it was moved at. */
  at: number;
  halfLifeMs: number;
  /** From then on it is neutral, and nothing is remembered. */
  endsAt: number;
  loweredAt: number | undefined;
  /** The day, counted from 1970, on which `raisedBy` have raised it. */
  day: number;
  raisedBy: string[];
  /** Oldest first. */
  moves: Move[];
}

interface Move extends ScoreMove {
  readonly tag: string | undefined;
}

type Operation = Extract<WindowOperation, { kind: "score" }>;

const neutral = 50_000;
const most = 100_000;
const dayMs = 24 * 60 * 60_000;
/** Nearer to neutral than half a point it may be forgotten. */
const nearly = 500;
const movesKept = 10;

/** Where it stands at a time; undefined: neutral. */
export function scoreAt(score: MemoryScore | undefined, at: number): number | undefined {
  if (!score || at >= score.endsAt) return undefined;
  const { value, halfLifeMs } = score;
  const ageMs = at - score.at;
  return ageMs <= 0 ? value : neutral + Math.round((value - neutral) * 2 ** (-ageMs / halfLifeMs));
}

/** @returns the score that was moved, which is made where there was none; undefined when nothing has moved it */
export function moveScore(score: MemoryScore | undefined, operation: Operation): MemoryScore | undefined {
  const lasting = score && operation.at < score.endsAt ? score : undefined;
  return operation.points < 0 ? lower(lasting, operation) : raise(lasting, operation);
}

function lower(
  lasting: MemoryScore | undefined,
  { at, points, tag, by, halfLifeMs }: Operation,
): MemoryScore {
  const score = lasting ?? neutralAt(at);
  const before = scoreAt(lasting, at) ?? neutral;
  const known =
    tag === undefined ? 0 : score.moves.filter((move) => move.tag === tag && move.points < 0).length;
  const moved = Math.max(Math.round((points * 1000) / 2 ** known), -before);
  place(score, at, before + moved, halfLifeMs);
  score.loweredAt = score.at;
  remember(score, { at, by, points: moved, times: 1, tag });
  return keepUntil(score);
}

function raise(lasting: MemoryScore | undefined, operation: Operation): MemoryScore | undefined {
  const { at, points, tag, by, halfLifeMs, mostADay, holdMs } = operation;
  if (tag === undefined) return undefined;
  const day = Math.floor(at / dayMs);
  const score = lasting ?? neutralAt(at);
  if (score.loweredAt !== undefined && at < score.loweredAt + holdMs) return undefined;
  if (day < score.day) return undefined;
  const raisedBy = score.day === day ? score.raisedBy : [];
  if (raisedBy.length >= mostADay || raisedBy.includes(tag)) return undefined;
  const before = scoreAt(lasting, at) ?? neutral;
  const moved = Math.min(Math.round((points * 1000 * (most - before)) / most), most - before);
  place(score, at, before + moved, halfLifeMs);
  const last = score.moves.at(-1);
  if (raisedBy.length > 0 && last && last.points >= 0 && last.by === by) {
    score.moves.pop();
    remember(score, { at, by, points: last.points + moved, times: last.times + 1, tag: undefined });
  } else remember(score, { at, by, points: moved, times: 1, tag: undefined });
  score.day = day;
  score.raisedBy = [...raisedBy, tag];
  return keepUntil(score);
}

const neutralAt = (at: number): MemoryScore => ({
  value: neutral,
  at,
  halfLifeMs: 0,
  endsAt: 0,
  loweredAt: undefined,
  day: -1,
  raisedBy: [],
  moves: [],
});

function place(score: MemoryScore, at: number, value: number, halfLifeMs: number): void {
  score.value = value;
  score.at = Math.max(at, score.at);
  score.halfLifeMs = halfLifeMs;
}

/** There are many scores with one move, so these have no room to spare. */
function remember(score: MemoryScore, move: Move): void {
  score.moves = [...(score.moves.length < movesKept ? score.moves : score.moves.slice(1)), move];
}

/** For as long as it is not nearly neutral, and to the end of the day on which it was raised. */
function keepUntil(score: MemoryScore): MemoryScore {
  const { value, at, halfLifeMs, raisedBy, day } = score;
  const apart = Math.abs(value - neutral);
  const nearlyAt = apart <= nearly ? at : at + Math.ceil(halfLifeMs * Math.log2(apart / nearly));
  score.endsAt = Math.max(nearlyAt, at + 1, raisedBy.length > 0 ? (day + 1) * dayMs : 0);
  return score;
}

export function scoreStateOf(score: MemoryScore | undefined, at: number): ScoreState | undefined {
  const value = scoreAt(score, at);
  if (!score || value === undefined) return undefined;
  const moves = score.moves.map(({ at, by, points, times }) => ({ at, by, points: points / 1000, times }));
  return { score: value / 1000, moves: moves.reverse() };
}
