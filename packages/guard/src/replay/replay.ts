// Yesterday's log through today's rules: lines become signals, the guard judges them, and the log's own time is the time.

import { createAccountKey } from "../account.ts";
import type { Place } from "../client/place.ts";
import { createGuard } from "../engine.ts";
import type { Guard } from "../guard.ts";
import type { Rule } from "../rule.ts";
import { builtInRules } from "../rules/index.ts";
import type { RuleOverrides } from "../settings.ts";
import type { Signal } from "../signal.ts";
import { createMemoryDecisionStore } from "../stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "../stores/memory-window-store.ts";
import { createLineParser, type ReplayFormat } from "./formats.ts";
import { createLineSplitter } from "./lines.ts";
import { type OutcomeLine, type ParserOptions, type RequestLine, utf8 } from "./parsed-line.ts";
import { type BlockedValues, createReplayTally, type ReplayDetection } from "./replay-tally.ts";
import { createSignInRequests, type SignInRequestOptions } from "./sign-in-request.ts";

export interface ReplayOptions extends ParserOptions {
  readonly format: ReplayFormat;
  /** @default the built-in rules */
  readonly rules?: readonly Rule[];
  /** Changes to the rules' defaults, as `createGuard` takes them. */
  readonly settings?: RuleOverrides | undefined;
  readonly signIn?: SignInRequestOptions | undefined;
  /** Only lines from this time on, milliseconds since 1970. */
  readonly fromMs?: number | undefined;
  /** Only lines before this time. */
  readonly toMs?: number | undefined;
  /** Where an address is, for rules that need to know. */
  readonly place?: ((ip: string) => Place | undefined) | undefined;
  /** Called in the order of the log. */
  readonly onDetection: (detection: ReplayDetection) => void;
  /** Called with each line that cannot be read, decoded, and its number from 1. The text is hostile: escape it before showing it. */
  readonly onBadLine?: ((number: number, text: string) => void) | undefined;
}

export interface ReplaySummary {
  readonly lines: number;
  /** Lines of the format, whether they say anything about a sign-in or not. Blank lines count here. */
  readonly parsed: number;
  readonly unparsed: number;
  /** Lines that were read and left out, as they are before `fromMs` or from `toMs` on. */
  readonly outside: number;
  /** Facts that were handed to the guard: requests to sign-in paths, outcomes of sign-ins, and all of the `signals` format. */
  readonly signals: number;
  /** Of these, facts from somebody who would have been blocked by then. */
  readonly refused: number;
  readonly detections: Readonly<Record<string, number>>;
  /** How many different values were blocked, by scope. */
  readonly blocked: BlockedValues;
}

export interface Replay {
  /** Takes the next bytes of the log; wait for it before the next. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** Takes the last line in. */
  end(): Promise<void>;
  /** Lines taken so far. */
  lines(): number;
  /** Lines so far that are of the format; blank ones are not. */
  readable(): number;
  /** So far. */
  summary(): ReplaySummary;
}

/** Names in a log are hashed under a constant, so that two replays agree. It hides them from a glance, not from somebody who tries names. */
const accountKey = createAccountKey(Buffer.from("flux replay: the same account, the same hash"));

/** Characters of an overlong line that are shown. */
const cutLineShown = 1024;

/** @throws GuardError `UNKNOWN_FORMAT`, `INVALID_RULES`, `INVALID_OPTIONS` */
export function createReplay(options: ReplayOptions): Replay {
  const {
    fromMs = Number.NEGATIVE_INFINITY,
    toMs = Number.POSITIVE_INFINITY,
    rules = builtInRules,
  } = options;
  const parse = createLineParser(options.format, options);
  const signIns = createSignInRequests(options.signIn);
  const counts = { lines: 0, unparsed: 0, outside: 0, signals: 0, refused: 0 };
  let readable = 0;
  const guard: Guard = createGuard({
    rules: rules.map(silentWithoutAgent),
    settings: options.settings ?? {},
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => {
      throw error;
    },
    sinks: [{ name: "replay", write: (event) => tally.add(event) }],
    ...(options.place ? { place: options.place } : {}),
  });
  const tally = createReplayTally(options.onDetection);

  /**
   * The gate. True when the fact is refused, and with it whatever came of it: behind a gate it would not have happened. What
   * a wait of the account puts off is counted all the same: it would have come later, and its address is no better for it.
   */
  async function refused(signal: Signal): Promise<boolean> {
    counts.signals++;
    const { action, reason } = await guard.check(signal);
    if (action === "allow") return false;
    counts.refused++;
    return !(reason === "decision" && (action === "delay" || action === "step-up"));
  }

  /** A line that tells an outcome only: the gate is asked without counting a request, since nothing is known about one. */
  async function refusedOutcome(signal: Signal): Promise<boolean> {
    return refused({ ...signal, type: "request", door: undefined });
  }

  async function signInRequest(line: RequestLine, path: string): Promise<void> {
    const { at, method, status } = line;
    const fact = {
      at,
      ip: utf8(line.ip),
      userAgent: line.userAgent && utf8(line.userAgent),
      method,
      path,
      status,
    };
    if (await refused({ ...fact, type: "request", door: "sign-in" })) return;
    const outcome = line.authFailed ? "failure" : signIns.outcomeOf(status);
    if (!outcome) return;
    counts.signals++;
    await guard.record({ ...fact, type: `sign-in-${outcome}`, account: accountOf(line) });
  }

  async function outcome(line: OutcomeLine): Promise<void> {
    const fact: Signal = {
      type: `sign-in-${line.outcome}`,
      at: line.at,
      ip: utf8(line.ip),
      account: accountOf(line),
    };
    for (let i = 0; i < line.count; i++) {
      if (await refusedOutcome(fact)) continue;
      await guard.record(fact);
    }
  }

  async function signalLine(signal: Signal): Promise<void> {
    if (signal.type === "request" || signal.type === "sign-in-attempt") await refused(signal);
    else if (!(await refusedOutcome(signal))) await guard.record(signal);
  }

  function bad(line: string, cut: boolean): void {
    counts.unparsed++;
    options.onBadLine?.(counts.lines, utf8(cut ? line.slice(0, cutLineShown) : line));
  }

  function inTime(at: number): boolean {
    if (at >= fromMs && at < toMs) return true;
    counts.outside++;
    return false;
  }

  function takeLine(text: string, cut: boolean): void | Promise<void> {
    counts.lines++;
    const line = counts.lines === 1 && text.startsWith(utf8Mark) ? text.slice(utf8Mark.length) : text;
    if (line === "") return;
    const parsed = cut ? undefined : parse(line);
    if (!parsed) return bad(line, cut);
    readable++;
    switch (parsed.kind) {
      case "other":
        return;
      case "request": {
        const path = signIns.pathOf(parsed);
        if (!inTime(parsed.at)) return;
        if (path !== undefined) return signInRequest(parsed, path);
        if (parsed.authFailed) return outcome({ ...parsed, kind: "outcome", outcome: "failure", count: 1 });
        return;
      }
      case "outcome":
        return inTime(parsed.at) ? outcome(parsed) : undefined;
      case "signal":
        return inTime(parsed.signal.at) ? signalLine(parsed.signal) : undefined;
    }
  }

  const splitter = createLineSplitter(takeLine);
  return {
    write: (chunk) => splitter.write(chunk),
    async end() {
      await splitter.end();
    },
    lines: () => counts.lines,
    readable: () => readable,
    summary: () => ({
      ...counts,
      parsed: counts.lines - counts.unparsed,
      detections: tally.detections(),
      blocked: tally.blocked(),
    }),
  };
}

/** The byte order mark that some editors put in front. */
const utf8Mark = "\xef\xbb\xbf";

function accountOf(line: { readonly user?: string | undefined }): string | undefined {
  return line.user === undefined ? undefined : accountKey(utf8(line.user));
}

/**
 * A log that does not say which agent asked is not a client that sent none. So in a replay no rule is asked about requests
 * whose agent is unknown if its verdict would be about the agent.
 */
function silentWithoutAgent(rule: Rule): Rule {
  if (rule.id !== "suspicious-user-agent") return rule;
  return {
    ...rule,
    observe: (signal, settings) => (signal.userAgent === undefined ? [] : rule.observe(signal, settings)),
  };
}
