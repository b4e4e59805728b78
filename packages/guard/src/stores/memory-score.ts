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

/** @returns the score as it is afterwards; the same when nothing has moved it, so undefined where there was none */
export function moveScore(score: MemoryScore | undefined, operation: Operation): MemoryScore | undefined {
  const lasting = score && operation.at < score.endsAt ? score : undefined;
  return operation.points < 0 ? lower(lasting, operation) : raise(lasting, operation);
}

function lower(score: MemoryScore | undefined, { at, points, tag, by, halfLifeMs }: Operation): MemoryScore {
  const before = scoreAt(score, at) ?? neutral;
  const known =
    tag === undefined ? 0 : (score?.moves ?? []).filter((move) => move.tag === tag && move.points < 0).length;
  const moved = Math.max(Math.round((points * 1000) / 2 ** known), -before);
  const next = placed(score, at, before + moved, halfLifeMs);
  next.loweredAt = next.at;
  remember(next, { at, by, points: moved, times: 1, tag });
  return keepUntil(next);
}

function raise(score: MemoryScore | undefined, operation: Operation): MemoryScore | undefined {
  const { at, points, tag, by, halfLifeMs, mostADay, holdMs } = operation;
  if (tag === undefined) return score;
  const day = Math.floor(at / dayMs);
  if (score) {
    if (score.loweredAt !== undefined && at < score.loweredAt + holdMs) return score;
    if (day < score.day) return score;
    if (day === score.day && (score.raisedBy.length >= mostADay || score.raisedBy.includes(tag)))
      return score;
  }
  const before = scoreAt(score, at) ?? neutral;
  const moved = Math.min(Math.round((points * 1000 * (most - before)) / most), most - before);
  const raisedBy = score?.day === day ? score.raisedBy : [];
  const next = placed(score, at, before + moved, halfLifeMs);
  next.day = day;
  next.raisedBy = [...raisedBy, tag];
  const last = next.moves.at(-1);
  if (raisedBy.length > 0 && last && last.points >= 0 && last.by === by) {
    next.moves.pop();
    remember(next, { at, by, points: last.points + moved, times: last.times + 1, tag: undefined });
  } else remember(next, { at, by, points: moved, times: 1, tag: undefined });
  return keepUntil(next);
}

function placed(score: MemoryScore | undefined, at: number, value: number, halfLifeMs: number): MemoryScore {
  const none = { loweredAt: undefined, day: -1, raisedBy: [], moves: [] };
  return { ...(score ?? none), value, at: Math.max(at, score?.at ?? at), halfLifeMs, endsAt: 0 };
}

function remember(score: MemoryScore, move: Move): void {
  score.moves = [...score.moves, move].slice(-movesKept);
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
