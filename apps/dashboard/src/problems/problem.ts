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

/** What Better Auth's client calls an error; some answers of this server say how many seconds to wait, too. */
export interface ServerError {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly retryAfter?: unknown;
}

/** @param at milliseconds since 1970, when the answer came */
export function toProblem({ code = "FAILED", status = 0, retryAfter }: ServerError, at: number): Problem {
  const { text, field } =
    (Object.hasOwn(words, code) ? words[code] : undefined) ?? (status >= 500 ? words.INTERNAL : words.FAILED);
  return {
    code,
    text,
    ...(field === undefined ? {} : { field }),
    ...(typeof retryAfter === "number" ? { retryAt: at + retryAfter * 1000 } : {}),
  };
}

export const offline: Problem = { code: "OFFLINE", ...words.OFFLINE };
