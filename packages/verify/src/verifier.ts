// Verifies flux-auth's access tokens (RFC 9068) in any service, with nothing but the issuer's public keys.

import { errors, type JWTHeaderParameters, type JWTVerifyOptions, jwtVerify } from "jose";
import { type AccessClaims, readClaims } from "./claims.ts";
import { fetchJwks } from "./fetch-jwks.ts";
import { createKeySet, type Jwks } from "./key-set.ts";
import { TokenError, type TokenErrorCode } from "./token-error.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

export type VerifierOptions = CommonOptions & KeySource;

type KeySource =
  /** Usually `https://…/.well-known/jwks.json`; read at the first token. */
  | { readonly jwksUrl: string; readonly jwks?: never; readonly fetch?: typeof globalThis.fetch }
  | { readonly jwks: Jwks; readonly jwksUrl?: never; readonly fetch?: never };

interface CommonOptions {
  /** flux-auth's PUBLIC_URL. */
  readonly issuer: string;
  /** What flux-auth writes into `aud`: its PUBLIC_URL unless it was told otherwise. */
  readonly audience: string;
  /** How far the issuer's clock and ours may be apart. @default 5000 */
  readonly clockToleranceMs?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Whether a session has ended before its token does: look for a decision about `sessionValue(sid)`. What it throws, `verify` throws. */
  readonly isRevoked?: (sid: string) => boolean | Promise<boolean>;
  /** Age at which the keys are read again. @default 300000 */
  readonly refreshMs?: number;
  /** Time between reads for unknown keys or after a failure. @default 30000 */
  readonly cooldownMs?: number;
  /** Verified tokens that are remembered until they expire; 0 for none. @default 10000 */
  readonly maxRemembered?: number;
  /** Told when the keys could not be read; must not throw. */
  readonly onError?: (error: unknown) => void;
}

export interface Verifier {
  /**
   * Needs no network once the keys are known. The same token costs its signature check once.
   * @param token what follows `Bearer `, unchecked
   * @throws TokenError
   */
  verify(token: unknown): Promise<AccessClaims>;
}

/** Ours have some 450 characters; nothing longer is parsed. */
const longestToken = 4096;
/** Three parts, the last being 64 bytes in their one right spelling: decoders are lenient, and no token should have twins. */
const pattern = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/;

/** @throws TypeError when issuer or audience are missing: a check against nothing would let everything through */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, jwks, jwksUrl, fetch = globalThis.fetch, isRevoked, now = Date.now } = options;
  const toleranceSeconds = (options.clockToleranceMs ?? 5_000) / 1000;
  if (!issuer || !audience) throw new TypeError("A verifier needs an issuer and an audience.");
  if (!jwks === !jwksUrl) throw new TypeError("A verifier needs either jwks or jwksUrl.");
  const forget = () => createVerifiedTokens(options.maxRemembered ?? 10_000);
  let remembered = forget();
  const keys = createKeySet({
    load: jwksUrl ? () => fetchJwks(jwksUrl, fetch) : async () => jwks,
    refreshMs: jwksUrl ? (options.refreshMs ?? 300_000) : Number.POSITIVE_INFINITY,
    cooldownMs: options.cooldownMs ?? 30_000,
    now,
    onError: options.onError ?? (() => {}),
    // A key that is published no longer may have been stolen.
    onChange: () => {
      remembered = forget();
    },
  });
  const expected: JWTVerifyOptions = {
    algorithms: ["EdDSA"],
    typ: "at+jwt",
    issuer,
    audience,
    clockTolerance: toleranceSeconds,
  };

  async function checkSignature(token: string): Promise<AccessClaims> {
    try {
      const keyOf = (header: JWTHeaderParameters) => keys.keyFor(keyIdOf(header));
      const { payload } = await jwtVerify(token, keyOf, { ...expected, currentDate: new Date(now()) });
      return readClaims(payload);
    } catch (error) {
      throw error instanceof errors.JOSEError ? toTokenError(error) : error;
    }
  }

  return {
    async verify(token) {
      if (typeof token !== "string" || token.length > longestToken || !pattern.test(token))
        throw new TokenError("TOKEN_INVALID", "format", "This is no access token.");
      keys.keepFresh();
      // Of before the check: were the keys to change during it, what the old ones say must not be remembered.
      const known = remembered;
      let claims = known.get(token);
      if (!claims) {
        claims = await checkSignature(token);
        known.add(token, claims);
      }
      checkTimes(claims, Math.floor(now() / 1000), toleranceSeconds);
      if (await isRevoked?.(claims.sid))
        throw new TokenError("TOKEN_REVOKED", "revoked", "The session of this token has ended.");
      return claims;
    },
  };
}

/** Headers by which a token would choose its own key (RFC 8725 §3.10), or ask for rules that we do not follow (RFC 7515 §4.1.11). */
const refusedHeaders = ["jwk", "jku", "x5u", "x5c", "crit"] as const;

function keyIdOf(header: JWTHeaderParameters): string {
  const refused = refusedHeaders.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined || typeof header.kid !== "string")
    throw new TokenError("TOKEN_INVALID", "header", `The header has ${refused ?? "no kid"}.`);
  return header.kid;
}

/** Of a remembered token too: its signature stays right, its time does not. */
function checkTimes({ iat, exp }: AccessClaims, seconds: number, tolerance: number): void {
  if (exp <= seconds - tolerance)
    throw new TokenError("TOKEN_EXPIRED", "claim", "The token has expired.", { claim: "exp" });
  if (iat > seconds + tolerance)
    throw new TokenError("TOKEN_NOT_YET_VALID", "claim", "The token is from the future.", { claim: "iat" });
}

const codeOfClaim: { readonly [claim: string]: TokenErrorCode } = {
  exp: "TOKEN_EXPIRED",
  nbf: "TOKEN_NOT_YET_VALID",
  iss: "TOKEN_WRONG_ISSUER",
  aud: "TOKEN_WRONG_AUDIENCE",
};

function toTokenError(cause: errors.JOSEError): TokenError {
  const invalid = (reason: "format" | "header" | "signature") =>
    new TokenError("TOKEN_INVALID", reason, cause.message, { cause });
  if (cause instanceof errors.JWTExpired || cause instanceof errors.JWTClaimValidationFailed) {
    const { claim } = cause;
    if (claim === "typ") return new TokenError("TOKEN_INVALID", "header", cause.message);
    // A claim that is absent or no number says nothing about time or audience.
    const code = cause.reason === "check_failed" ? codeOfClaim[claim] : undefined;
    // The cause carries all claims, which would get into logs with it.
    return new TokenError(code ?? "TOKEN_INVALID", "claim", cause.message, { claim });
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed) return invalid("signature");
  if (cause instanceof errors.JOSEAlgNotAllowed || cause instanceof errors.JOSENotSupported)
    return invalid("header");
  return invalid("format");
}
