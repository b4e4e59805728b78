// What went wrong, as a person reads it, told apart by the server's stable code.

import { words } from "./words.ts";

export interface Problem {
  readonly code: string;
  readonly text: string;
  /** Milliseconds since 1970: from when on trying again makes sense. */
  readonly retryAt?: number;
  /** The field to mend, by its name. */
  readonly field?: string;
}

/** What Better Auth's client calls an error, with what this server adds. */
interface ServerError {
  readonly code?: string | undefined;
  readonly status?: number;
  readonly retryAfter?: unknown;
}

/** @param at milliseconds since 1970, when the answer came */
export function toProblem(error: ServerError, at: number): Problem {
  const code = error.code ?? "FAILED";
  const known = words[code] ?? words[(error.status ?? 0) >= 500 ? "INTERNAL" : "FAILED"];
  const wait = typeof error.retryAfter === "number" ? { retryAt: at + error.retryAfter * 1000 } : {};
  return {
    code,
    text: known?.text ?? "",
    ...(known?.field === undefined ? {} : { field: known.field }),
    ...wait,
  };
}
