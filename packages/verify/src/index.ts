// What a service needs to accept flux-auth's access tokens.

export type { AccessClaims } from "./claims.ts";
export type { Jwks } from "./key-set.ts";
export { sessionValue } from "./session-value.ts";
export { TokenError, type TokenErrorCode, type TokenErrorReason } from "./token-error.ts";
export { createVerifier, type Verifier, type VerifierOptions } from "./verifier.ts";
