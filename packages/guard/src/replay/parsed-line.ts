// What a line of a log says, whatever the format: a request, the outcome of a sign-in, a ready-made signal, or nothing of interest.

import type { Signal } from "../signal.ts";

/** A line of an access log. */
export interface RequestLine {
  readonly kind: "request";
  /** Milliseconds since 1970, by the log's clock. */
  readonly at: number;
  /** The client's address in canonical form. */
  readonly ip: string;
  /** Absent when the request was too malformed to have one. */
  readonly method?: string | undefined;
  /** As it was requested: with query string, percent-encoded. */
  readonly target?: string | undefined;
  readonly status: number;
  /** Undefined: the format does not say. Empty: the client sent none. */
  readonly userAgent?: string | undefined;
  /** An HTTP authentication failed (a 401 to a request with a user name, or with a Basic challenge). */
  readonly authFailed: boolean;
  /** The name in the Authorization header. */
  readonly user?: string | undefined;
}

/** A line that reports what came of a sign-in, e.g. of sshd. */
export interface OutcomeLine {
  readonly kind: "outcome";
  readonly at: number;
  readonly ip: string;
  readonly outcome: "failure" | "success";
  /** As it was typed; hashed before it goes any further. */
  readonly user?: string | undefined;
  /** How many failures this line adds; at least 1. */
  readonly count: number;
}

/** A line of the `signals` format. */
export interface SignalLine {
  readonly kind: "signal";
  readonly signal: Signal;
}

/** A line that is well-formed and says nothing about a sign-in. */
export interface OtherLine {
  readonly kind: "other";
}

export type ParsedLine = RequestLine | OutcomeLine | SignalLine | OtherLine;

/**
 * Reads one line without its line break. Undefined: the line is not of this format. Never throws. Lines stand in latin1, one
 * character a byte, so that cutting them costs no decoding; `utf8` decodes what is kept. A parser may remember earlier lines.
 */
export type LineParser = (line: string) => ParsedLine | undefined;

export interface ParserOptions {
  /** The year of the first line whose time has none. @default 2000, see `createYears` */
  readonly year?: number | undefined;
  /** Called at the first time without a year when `year` is not given. */
  readonly onYearAssumed?: ((year: number) => void) | undefined;
}

export const other: OtherLine = Object.freeze({ kind: "other" });

/**
 * The text that a latin1-read piece of a line stands for. It is a copy: a piece that is kept as it is would keep the whole
 * chunk of the file that it was cut from.
 */
export const utf8 = (text: string): string => Buffer.from(text, "latin1").toString();

/** The other way round, for parsers that had to decode a line. */
export const latin1 = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text).toString("latin1");
