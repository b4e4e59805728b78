// What was found in a source: how much of it was taken, and what was wrong with the rest.

import type { IpListLineCode } from "./entry-line.ts";

export interface LineProblem {
  /** Counted from 1; in JSON, the number of the entry. */
  readonly line: number;
  readonly code: IpListLineCode;
  /** Its beginning, printable characters only. */
  readonly text: string;
}

export interface SourceCounts {
  /** Lines of the text, or entries of the JSON. */
  readonly lines: number;
  /** Networks taken. */
  readonly entries: number;
  /** Networks written with bits beyond their prefix, such as 203.0.113.5/24, which is taken as 203.0.113.0/24. */
  readonly hostBits: number;
  /** All lines that were left out; `problems` holds the first of them. */
  readonly problemCount: number;
  readonly problems: readonly LineProblem[];
}

const shownLength = 60;

/** What a stranger wrote, made fit for a log: a list could hold what a terminal obeys. */
export function shown(text: string): string {
  return text
    .trimEnd()
    .slice(0, shownLength)
    .replace(/[^\x20-\x7e]/g, "?");
}
