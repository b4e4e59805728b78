// Access tokens as other services meet them: keys over HTTP, and what /me says to tokens that are not right.

import { createHmac } from "node:crypto";
import { createVerifier } from "@fluxstudio/verify";
import { base64url, generateKeyPair, SignJWT } from "jose";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { home, readJson, sessionOf, startWithAda, told } from "./test-tokens.ts";

const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

describeDatabases("access tokens", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => {
    const flux = await startWithAda(await databases.url());
    const jwks = (headers = {}) => flux.ask("/.well-known/jwks.json", { headers }, home);
    return { ...flux, jwks };
  };

  it("are verified elsewhere with the published keys, until their session is blocked for services", async () => {
    const { signIn, post, jwks, decisions, clock } = await start();
    const { accessToken, cookie } = await signIn();
    const issuer = "http://localhost:3001";
    const verifier = createVerifier({
      ...{ issuer, audience: issuer, now: () => clock.now },
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      fetch: async () => jwks(),
      isRevoked: () => decisions.find("session", sessionOf(accessToken), clock.now) !== undefined,
    });
    expect(await verifier.verify(accessToken)).toMatchObject({ iss: issuer, roles: ["user"] });
    await post("/api/auth/logout", {}, home, { cookie });
    await expect(verifier.verify(accessToken)).rejects.toMatchObject({ code: "TOKEN_REVOKED" });
  });

  it("have public keys that are cached for a while, and asked for again at no cost", async () => {
    const { jwks } = await start();
    const response = await jwks();
    expect(response.headers.get("cache-control")).toMatch(/^public, max-age=300,/);
    expect(response.headers.get("content-type")).toBe("application/jwk-set+json");
    const { keys } = await readJson(response);
    expect(keys).toEqual([expect.objectContaining({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" })]);
    expect(Object.keys(keys[0])).not.toContain("d");
    const again = await jwks({ "if-none-match": response.headers.get("etag") });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("that have expired, or whose user is gone, let nobody in", async () => {
    const { signIn, me, clock, database } = await start();
    const { accessToken } = await signIn();
    clock.now += 15 * 60_000 + 6_000;
    expect(await told(await me(accessToken))).toEqual({ status: 401, code: "TOKEN_EXPIRED" });
    const { accessToken: other } = await signIn();
    await database.kysely.deleteFrom("session" as never).execute();
    expect(await told(await me(other))).toEqual({ status: 401, code: "SESSION_ENDED" });
  });

  it("that are forged let nobody in, whichever way it is tried", async () => {
    const { signIn, me, jwks } = await start();
    const { accessToken, refreshToken } = await signIn();
    const { accessToken: other } = await signIn();
    const [header = "", payload = "", signature = ""] = accessToken.split(".");
    const { keys } = await readJson(await jwks());
    const { alg: _, ...jose } = JSON.parse(Buffer.from(header, "base64url").toString());
    const admin = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), roles: ["admin"] };
    const { privateKey } = await generateKeyPair("EdDSA");
    const hs256 = `${encode({ ...jose, alg: "HS256" })}.${encode(admin)}`;
    const forged = [
      `${encode({ ...jose, alg: "none" })}.${encode(admin)}.`,
      `${encode({ ...jose, alg: "none" })}.${encode(admin)}.${signature}`,
      `${header}.${encode(admin)}.${signature}`,
      `${header}.${payload}.${other.split(".")[2]}`,
      `${hs256}.${createHmac("sha256", keys[0].x).update(hs256).digest("base64url")}`,
      await new SignJWT(admin).setProtectedHeader({ ...jose, alg: "EdDSA" }).sign(privateKey),
      refreshToken,
      "x".repeat(5_000),
      "e30.e30.e30",
    ];
    for (const token of forged) {
      const response = await me(token);
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      expect(await told(response), token).toEqual({ status: 401, code: "TOKEN_INVALID" });
    }
  });

  it("that are wrong are not made good by a cookie beside them", async () => {
    const { signIn, ask } = await start();
    const { cookie } = await signIn();
    const headers = { cookie, authorization: "Bearer nonsense" };
    expect((await ask("/api/auth/me", { headers }, home)).status).toBe(401);
  });
});
