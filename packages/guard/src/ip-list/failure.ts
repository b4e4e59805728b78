// Why a source was not taken.

import { getSystemErrorMap } from "node:util";

/** docs/errors.md says what to do about each. */
export type IpListFailureCode =
  | "UNREADABLE"
  | "HTTP_STATUS"
  | "INSECURE_REDIRECT"
  | "TIMEOUT"
  | "TOO_LARGE"
  | "EMPTY"
  | "NOT_A_LIST"
  | "TOO_MANY_ENTRIES"
  | "TOO_WIDE"
  | "COMPILE_FAILED";

export interface IpListFailure {
  readonly code: IpListFailureCode;
  /** What was met; no text of the source. */
  readonly detail: string;
}

/** Ends the reading of a source. */
export class SourceFailure extends Error {
  readonly failure: IpListFailure;

  constructor(code: IpListFailureCode, detail: string) {
    super(detail);
    this.failure = { code, detail };
  }
}

/** What was thrown while a source was read. */
export function failureOf(error: unknown): IpListFailure {
  if (error instanceof SourceFailure) return error.failure;
  if (!(error instanceof Error)) return { code: "UNREADABLE", detail: String(error) };
  // fetch and streams hide what happened in the cause.
  const { cause = error } = error;
  const { name, code, message, errno } = cause as Partial<NodeJS.ErrnoException>;
  if (name === "TimeoutError") return { code: "TIMEOUT", detail: "it took longer than timeoutMs" };
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  const detail = String(code ?? message ?? error.message);
  return { code: "UNREADABLE", detail: words === undefined ? detail : `${detail}, ${words}` };
}
