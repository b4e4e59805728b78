// Windows in this process's memory: exact, bounded, and answered without waiting.

import { GuardError } from "../errors.ts";
import type { Scope } from "../scopes.ts";
import { type MemoryScore, moveScore, scoreAt, scoreStateOf } from "./memory-score.ts";
import {
  clearTag,
  countEntry,
  createMemoryWindow,
  emptyAtOf,
  holdsNothing,
  type MemoryWindow,
  recall,
  recordMember,
  releaseEntry,
  statesOf,
} from "./memory-window.ts";
import type { WindowOperation, WindowResult, WindowStore } from "./window-store.ts";

export interface MemoryWindowStoreOptions {
  /** Scope/values kept for each scope; above it those not used lately go. @default 100_000 */
  readonly maxValues?: number;
  /** Windows kept for each scope/value. Rules name their windows, so only a faulty rule reaches it. @default 64 */
  readonly maxWindows?: number;
}

export interface MemoryWindowStore extends WindowStore {
  /** Scope/values held now, for health pages and tests. */
  size(): number;
}

/** Everything counted about one scope/value. */
interface Subject {
  /** Few, and never more room than windows. */
  windows: readonly MemoryWindow[];
  score: MemoryScore | undefined;
  /** Whether it was used since it was put where it stands in the order of eviction. */
  touched: boolean;
  /** When its last window is empty, and its score neutral. */
  emptyAt: number;
}

type Operation<Kind> = Extract<WindowOperation, { kind: Kind }>;

/** Insertions between two sweeps. A map is slow to begin anew at its old end, so that end is visited in batches. */
const sweepEvery = 1024;
/** Scope/values looked at in one sweep, so that none takes long. */
const sweepLength = 4096;

const nothing: WindowResult = { count: 0, admitted: false, crossed: false, oldestAt: undefined };

export function createMemoryWindowStore(options: MemoryWindowStoreOptions = {}): MemoryWindowStore {
  const { maxValues = 100_000, maxWindows = 64 } = options;
  if (!(maxValues >= 1) || !(maxWindows >= 1)) {
    throw new GuardError("INVALID_OPTIONS", "`maxValues` and `maxWindows` must be at least 1.");
  }
  // A map for each scope: a flood of addresses must not push out what is counted about accounts.
  const byScope = new Map<Scope, Map<string, Subject>>();

  let insertions = 0;
  /** Rules mostly ask for several windows of one scope/value in a row: the one asked for last, while operations are run. */
  let last: Subject | undefined;
  let lastScope: Scope | undefined;
  let lastValue: string | undefined;

  function subjectFor(scope: Scope, value: string, at: number): Subject {
    if (last === undefined || lastScope !== scope || lastValue !== value) {
      last = findSubject(scope, value, at);
      lastScope = scope;
      lastValue = value;
    }
    return last;
  }

  /** What there is of it; nothing is made. */
  function subjectOf(scope: Scope, value: string): Subject | undefined {
    if (last !== undefined && lastScope === scope && lastValue === value) return last;
    const found = byScope.get(scope)?.get(value);
    if (found) {
      found.touched = true;
      last = found;
      lastScope = scope;
      lastValue = value;
    }
    return found;
  }

  function findSubject(scope: Scope, value: string, at: number): Subject {
    let values = byScope.get(scope);
    if (!values) {
      values = new Map();
      byScope.set(scope, values);
    }
    const found = values.get(value);
    if (found) {
      found.touched = true;
      return found;
    }
    if (++insertions % sweepEvery === 0 || values.size >= maxValues) sweep(values, maxValues, at);
    const made: Subject = { windows: [], score: undefined, touched: false, emptyAt: 0 };
    values.set(value, made);
    return made;
  }

  function windowFor(subject: Subject, name: string, at: number, windowMs: number): MemoryWindow {
    const windows = subject.windows;
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i] as MemoryWindow;
      if (window.name === name) {
        window.windowMs = windowMs;
        return window;
      }
    }
    const kept = windows.length >= maxWindows ? windows.slice(1) : windows;
    const made = createMemoryWindow(name, at, windowMs);
    subject.windows = [...kept, made];
    return made;
  }

  function run(operation: WindowOperation): WindowResult {
    switch (operation.kind) {
      case "count":
      case "reserve":
      case "distinct":
      case "recent": {
        const subject = subjectFor(operation.scope, operation.value, operation.at);
        const window = windowFor(subject, operation.window, operation.at, operation.windowMs);
        const result = add(window, operation, scoreAt(subject.score, operation.at));
        const emptyAt = emptyAtOf(window);
        if (emptyAt > subject.emptyAt) subject.emptyAt = emptyAt;
        return result;
      }
      case "release":
      case "clear":
      case "end-row":
        return takeOut(operation);
      case "score":
        return score(operation);
      case "peek":
        return peek(operation);
    }
  }

  function score(operation: Operation<"score">): WindowResult {
    const { scope, value, at } = operation;
    const before = subjectOf(scope, value)?.score;
    const moved = moveScore(before, operation);
    if (moved) {
      const subject = subjectFor(scope, value, at);
      subject.score = moved;
      if (moved.endsAt > subject.emptyAt) subject.emptyAt = moved.endsAt;
    }
    return { ...nothing, admitted: moved !== undefined, score: toPoints(scoreAt(moved ?? before, at)) };
  }

  function takeOut(operation: Operation<"release" | "clear" | "end-row">): WindowResult {
    const subject = subjectOf(operation.scope, operation.value);
    if (!subject) return nothing;
    if (operation.kind === "clear" && operation.window === undefined && operation.tag === undefined) {
      return forget(operation);
    }
    for (const window of subject.windows) {
      if (operation.window !== undefined && window.name !== operation.window) continue;
      if (operation.kind === "release") releaseEntry(window, operation.id);
      else if (operation.kind === "end-row") window.row = undefined;
      else clearTag(window, operation.tag);
    }
    // Attempts that were given back must not fill the store, and push out what counts.
    return !subject.score && subject.windows.every(holdsNothing) ? forget(operation) : nothing;
  }

  function forget({ scope, value }: WindowOperation): WindowResult {
    last = undefined;
    byScope.get(scope)?.delete(value);
    return nothing;
  }

  function peek(operation: Operation<"peek">): WindowResult {
    const subject = subjectOf(operation.scope, operation.value);
    const windows = (subject?.windows ?? []).flatMap((window) => statesOf(window, operation));
    const scored = operation.tag === undefined ? scoreStateOf(subject?.score, operation.at) : undefined;
    return { ...nothing, windows, ...(scored && { scored }) };
  }

  return {
    name: "memory",
    observe(operations) {
      last = undefined;
      const results = new Array<WindowResult>(operations.length);
      for (let i = 0; i < operations.length; i++) results[i] = run(operations[i] as WindowOperation);
      return results;
    },
    size() {
      let total = 0;
      for (const values of byScope.values()) total += values.size;
      return total;
    },
  };
}

function add(
  window: MemoryWindow,
  operation: Operation<"count" | "reserve" | "distinct" | "recent">,
  score: number | undefined,
): WindowResult {
  if (operation.kind === "distinct") return recordMember(window, operation);
  if (operation.kind === "recent") return recall(window, operation);
  return countEntry(window, operation, toPoints(score));
}

const toPoints = (score: number | undefined) => (score === undefined ? undefined : score / 1000);

/**
 * Drops what is expired at the old end, and from a full map a 64th more. What was used since it was placed gets a second
 * chance at the young end (the CLOCK algorithm, Corbato 1968): a touch costs nothing, and busy values stay.
 */
function sweep(values: Map<string, Subject>, maxValues: number, at: number): void {
  const roomy = values.size < maxValues ? maxValues : maxValues - Math.ceil(maxValues / 64);
  let looked = 0;
  for (const [value, subject] of values) {
    const expired = subject.emptyAt <= at;
    if (!expired && !subject.touched && values.size <= roomy) return;
    values.delete(value);
    if (++looked > sweepLength) {
      if (values.size <= roomy) return;
    } else if (!expired && subject.touched) {
      subject.touched = false;
      values.set(value, subject);
    }
  }
}
