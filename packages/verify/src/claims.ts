// The claims of an access token (RFC 9068 §2.2), checked for their types once the signature holds.

import { TokenError } from "./token-error.ts";

export interface AccessClaims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  /** The user's id. */
  readonly sub: string;
  /** The session's id. It lets nobody in: the session's secret is another value. */
  readonly sid: string;
  readonly roles: readonly string[];
  /** Seconds since 1970, like `exp`. */
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/** @throws TokenError */
export function readClaims(payload: { readonly [claim: string]: unknown }): AccessClaims {
  const { iss, aud, roles } = payload;
  const claims: AccessClaims = {
    // Both were compared with what is expected of them.
    iss: iss as string,
    aud: Array.isArray(aud) ? Object.freeze([...aud]) : (aud as string),
    sub: text(payload, "sub"),
    sid: text(payload, "sid"),
    roles: isTexts(roles) ? Object.freeze([...roles]) : wrong("roles"),
    iat: number(payload, "iat"),
    exp: number(payload, "exp"),
    jti: text(payload, "jti"),
  };
  return Object.freeze(claims);
}

function text(payload: { readonly [claim: string]: unknown }, claim: string): string {
  const value = payload[claim];
  return typeof value === "string" && value !== "" ? value : wrong(claim);
}

function number(payload: { readonly [claim: string]: unknown }, claim: string): number {
  const value = payload[claim];
  return typeof value === "number" ? value : wrong(claim);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

function wrong(claim: string): never {
  throw new TokenError("TOKEN_INVALID", "claim", `The claim ${claim} is missing or of a wrong type.`, {
    claim,
  });
}
