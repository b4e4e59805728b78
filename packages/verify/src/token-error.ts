// The one error class of this package: why a token is not accepted, in a form that a program can act on.

/** Stable codes; docs/errors.md lists what to do about each. */
export type TokenErrorCode =
  | "TOKEN_INVALID"
  | "TOKEN_EXPIRED"
  | "TOKEN_NOT_YET_VALID"
  | "TOKEN_WRONG_ISSUER"
  | "TOKEN_WRONG_AUDIENCE"
  | "TOKEN_REVOKED"
  | "KEYS_UNAVAILABLE";

export type TokenErrorReason =
  /** No text, no JWT, or longer than any token of ours. */
  | "format"
  /** Another algorithm than EdDSA, another `typ` than `at+jwt`, or a header that brings its own key or extensions. */
  | "header"
  /** Signed with a key that the issuer does not publish. */
  | "unknown-key"
  | "signature"
  /** A claim is missing or wrong: see `claim`. */
  | "claim"
  /** `isRevoked` said so. */
  | "revoked"
  /** The keys have never been read, or could not be read again when an unknown one was named. */
  | "no-keys";

/** The message is for logs; nothing of the token is in it. `cause` keeps the original error. */
export class TokenError extends Error {
  readonly code: TokenErrorCode;
  readonly reason: TokenErrorReason;
  /** The claim that is wrong, where it is one. */
  readonly claim: string | undefined;
  /** What to answer with: 503 for `KEYS_UNAVAILABLE`, as the client did nothing wrong. */
  readonly status: 401 | 503;

  constructor(
    code: TokenErrorCode,
    reason: TokenErrorReason,
    message: string,
    { claim, cause }: { readonly claim?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = "TokenError";
    this.code = code;
    this.reason = reason;
    this.claim = claim;
    this.status = code === "KEYS_UNAVAILABLE" ? 503 : 401;
  }
}
