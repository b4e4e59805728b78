// The issuer's public keys: read from its JWKS, kept, read again when they get old or when a token names an unknown one.

import { type CryptoKey, importJWK } from "jose";
import { TokenError } from "./token-error.ts";

/** A JSON Web Key Set (RFC 7517 §5). Keys other than Ed25519 ones with a `kid` are left out. */
export interface Jwks {
  readonly keys: readonly { readonly [member: string]: unknown }[];
}

export interface KeySetOptions {
  readonly load: () => Promise<unknown>;
  /** Older keys are read again, while they go on being used. */
  readonly refreshMs: number;
  /** Unknown keys and failures lead to one read in this time at most, whatever tokens somebody makes up. */
  readonly cooldownMs: number;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Called when the keys are others than before. */
  readonly onChange: () => void;
}

export interface KeySet {
  /** @throws TokenError `KEYS_UNAVAILABLE`, or `TOKEN_INVALID` for a key that the issuer does not publish */
  keyFor(kid: string): Promise<CryptoKey>;
  /** Reads keys that are old again, without anybody waiting for it. */
  keepFresh(): void;
}

/** An issuer has two or three keys at a time. */
const mostKeys = 100;

export function createKeySet(options: KeySetOptions): KeySet {
  const { load, refreshMs, cooldownMs, now, onError, onChange } = options;
  let keys: ReadonlyMap<string, CryptoKey> | undefined;
  let content: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    triedAt = now();
    try {
      const published = usableKeys(await load());
      const imported = new Map<string, CryptoKey>();
      for (const { kid, x } of published) {
        const jwk = { kty: "OKP", crv: "Ed25519", x };
        imported.set(kid, (await importJWK(jwk, "EdDSA")) as CryptoKey);
      }
      const text = JSON.stringify(published);
      if (content !== undefined && content !== text) onChange();
      keys = imported;
      content = text;
      readAt = now();
      failure = undefined;
    } catch (error) {
      // Without an answer the keys that are known stay: an outage of the issuer must not become one of every service.
      failure = error;
      onError(error);
    }
  }

  /** At most one read at a time, for which all wait, and none so soon after another. */
  async function readAgain(): Promise<void> {
    if (!reading && now() - triedAt < cooldownMs) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  return {
    async keyFor(kid) {
      const known = keys?.get(kid);
      if (known) return known;
      await readAgain();
      const found = keys?.get(kid);
      if (found) return found;
      // After a failure nobody knows whether the issuer has this key: it is not the client's fault.
      if (keys && failure === undefined)
        throw new TokenError("TOKEN_INVALID", "unknown-key", "The issuer publishes no such key.");
      throw new TokenError("KEYS_UNAVAILABLE", "no-keys", "The issuer's keys cannot be read.", {
        cause: failure,
      });
    },
    keepFresh() {
      if (keys && now() - readAt >= refreshMs) void readAgain();
    },
  };
}

/** @throws Error when there is none */
function usableKeys(jwks: unknown): { kid: string; x: string }[] {
  const listed = (jwks as Partial<Jwks> | null)?.keys;
  if (!Array.isArray(listed)) throw new Error("This is no JSON Web Key Set.");
  const usable = listed.slice(0, mostKeys).flatMap((jwk: Jwks["keys"][number] | null) => {
    const { kty, crv, alg = "EdDSA", use = "sig", kid, x } = jwk ?? {};
    const fits = kty === "OKP" && crv === "Ed25519" && alg === "EdDSA" && use === "sig";
    return fits && typeof kid === "string" && typeof x === "string" ? [{ kid, x }] : [];
  });
  if (usable.length === 0) throw new Error("The JSON Web Key Set holds no Ed25519 key.");
  return usable;
}
