// An issuer for tests: keys, tokens that are right but for what a test changes, and a JWKS endpoint that counts and can fail.

import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Jwks } from "./key-set.ts";

export const start = Date.UTC(2026, 0, 5, 9);
export const issuer = "https://auth.example.com";
export const audience = "https://auth.example.com";

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

export async function createTestIssuer() {
  const privateKeys = new Map<string, SigningKey>();
  const published: Record<string, unknown>[] = [];
  const clock = { now: start };
  const server = { requests: 0, answer: (): Response => Response.json({ keys: published }) };

  async function addKey(kid: string): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    privateKeys.set(kid, privateKey);
    published.push({ ...(await exportJWK(publicKey)), kid, alg: "EdDSA", use: "sig" });
  }
  await addKey("first");

  return {
    clock,
    server,
    addKey,
    jwks: { keys: published } satisfies Jwks,
    publicKey: (kid = "first") => published.find((key) => key.kid === kid) ?? {},
    unpublish: (kid: string) =>
      void published.splice(
        published.findIndex((key) => key.kid === kid),
        1,
      ),
    fetch: async () => {
      server.requests++;
      return server.answer();
    },
    /** @param claims undefined ones are left out */
    async token(claims: JWTPayload = {}, header: Record<string, unknown> = {}): Promise<string> {
      const kid = typeof header.kid === "string" ? header.kid : "first";
      return new SignJWT(payload(clock.now, claims))
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid, ...header })
        .sign(privateKeys.get(kid) ?? (privateKeys.get("first") as SigningKey));
    },
  };
}

/** The claims of a token that is issued at this time, in milliseconds since 1970. */
export function payload(at: number, claims: JWTPayload = {}): JWTPayload {
  const iat = at / 1000;
  const whole = {
    iss: issuer,
    aud: audience,
    sub: "user",
    sid: "session",
    roles: ["user"],
    jti: "token",
    iat,
  };
  return { ...whole, exp: iat + 900, ...claims };
}
