// The one error class of the guard: what a caller or operator did wrong, with a stable code.

/** Stable codes; docs/errors.md lists what to do about each. */
export type GuardErrorCode =
  | "INVALID_OPTIONS"
  | "INVALID_SIGNAL"
  | "INVALID_RULES"
  | "INVALID_DECISION"
  | "INVALID_ADDRESS"
  | "PLACE_DATABASE_UNREADABLE"
  | "STORE_TIMEOUT"
  | "STORE_UNAVAILABLE"
  | "STORE_FULL"
  | "UNKNOWN_FORMAT";

/** Thrown for mistakes only; an expected outcome (a refusal) is a value. `cause` keeps the original error. */
export class GuardError extends Error {
  readonly code: GuardErrorCode;

  constructor(code: GuardErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "GuardError";
    this.code = code;
  }
}

export const codeOf = (error: unknown): GuardErrorCode | undefined =>
  error instanceof GuardError ? error.code : undefined;
