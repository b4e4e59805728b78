// The verifier lets in what the issuer signed for us and what still holds, and says of anything else what is wrong with it.

import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { audience, createTestIssuer, issuer, payload, start } from "./test-issuer.ts";
import { TokenError } from "./token-error.ts";
import { createVerifier, type VerifierOptions } from "./verifier.ts";

type Overrides = { [Option in keyof VerifierOptions]?: VerifierOptions[Option] };

async function setUp(overrides: Overrides = {}) {
  const test = await createTestIssuer();
  const options = { issuer, audience, jwks: test.jwks, now: () => test.clock.now, ...overrides };
  return { ...test, verifier: createVerifier(options as VerifierOptions) };
}

async function refusalOf(verifying: Promise<unknown>) {
  const error = await verifying.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TokenError)) throw new Error("The token was accepted.", { cause: error });
  const { code, reason, claim, status } = error;
  return claim === undefined ? { code, reason, status } : { code, reason, claim, status };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const invalid = (reason: string) => ({ code: "TOKEN_INVALID", reason, status: 401 });

it("answers with the claims of a right token", async () => {
  const { verifier, token } = await setUp();
  expect(await verifier.verify(await token())).toEqual(payload(start));
});

it("accepts a list of audiences that names ours", async () => {
  const { verifier, token } = await setUp();
  const aud = ["https://other.example.com", audience];
  expect(await verifier.verify(await token({ aud }))).toMatchObject({ aud });
});

it.each([
  ["another issuer", { iss: "https://evil.example" }, "TOKEN_WRONG_ISSUER", "iss"],
  ["another audience", { aud: "https://other.example.com" }, "TOKEN_WRONG_AUDIENCE", "aud"],
  ["an empty list of audiences", { aud: [] }, "TOKEN_WRONG_AUDIENCE", "aud"],
  ["no audience", { aud: undefined }, "TOKEN_INVALID", "aud"],
  ["no issuer", { iss: undefined }, "TOKEN_INVALID", "iss"],
  ["no end", { exp: undefined }, "TOKEN_INVALID", "exp"],
  ["a beginning in the future", { nbf: start / 1000 + 60 }, "TOKEN_NOT_YET_VALID", "nbf"],
  ["an issue in the future", { iat: start / 1000 + 60 }, "TOKEN_NOT_YET_VALID", "iat"],
  ["no session", { sid: undefined }, "TOKEN_INVALID", "sid"],
  ["a session that is no text", { sid: 7 }, "TOKEN_INVALID", "sid"],
  ["an empty subject", { sub: "" }, "TOKEN_INVALID", "sub"],
  ["roles that are no list", { roles: "admin" }, "TOKEN_INVALID", "roles"],
  ["roles that are no texts", { roles: [{}] }, "TOKEN_INVALID", "roles"],
  ["no id", { jti: undefined }, "TOKEN_INVALID", "jti"],
])("refuses a token with %s", async (_, claims, code, claim) => {
  const { verifier, token } = await setUp();
  const signed = await token(claims as Parameters<typeof token>[0]);
  expect(await refusalOf(verifier.verify(signed))).toEqual({ code, reason: "claim", claim, status: 401 });
});

it("accepts a token up to its end and the tolerance, and no longer, whether it knows the token or not", async () => {
  const { verifier, token, clock } = await setUp({ clockToleranceMs: 5_000 });
  const [known, unknown] = [await token(), await token({ jti: "another" })];
  await verifier.verify(known);
  clock.now += 900_000 + 4_000;
  await verifier.verify(known);
  clock.now += 1_000;
  for (const one of [known, unknown]) {
    expect(await refusalOf(verifier.verify(one))).toMatchObject({ code: "TOKEN_EXPIRED", claim: "exp" });
  }
});

it("refuses alg none, with and without a signature", async () => {
  const { verifier, token } = await setUp();
  const [, body, signature] = (await token()).split(".");
  for (const alg of ["none", "None", "nOnE", ""]) {
    const header = encode({ alg, typ: "at+jwt", kid: "first" });
    for (const end of ["", signature]) {
      const refusal = await refusalOf(verifier.verify(`${header}.${body}.${end}`));
      expect(refusal).toEqual(invalid(alg === "" || end === "" ? "format" : "header"));
    }
  }
});

it("refuses a token signed by HMAC with the public key as its secret", async () => {
  const { verifier, publicKey } = await setUp();
  const { x } = publicKey();
  const secrets = [`${x}`, Buffer.from(`${x}`, "base64url"), JSON.stringify(publicKey())];
  for (const alg of ["HS256", "HS512"]) {
    for (const secret of secrets) {
      const signed = `${encode({ alg, typ: "at+jwt", kid: "first" })}.${encode(payload(start))}`;
      const mac = createHmac(alg.replace("HS", "sha"), secret).update(signed).digest("base64url");
      // Only HS512 has a signature as long as ours.
      const reason = alg === "HS512" ? "header" : "format";
      expect(await refusalOf(verifier.verify(`${signed}.${mac}`))).toEqual(invalid(reason));
    }
  }
});

it("refuses a token that brings its own key, or asks for extensions", async () => {
  const { verifier, token, publicKey } = await setUp();
  for (const header of [
    { jwk: publicKey() },
    { jku: "https://evil.example/jwks.json" },
    { x5u: "https://evil.example/certificate" },
    { x5c: ["MIIB"] },
    { crit: ["b64"], b64: true },
    { crit: ["exp"] },
  ]) {
    const signed = await token({}, header).catch(() => undefined);
    const made =
      signed ?? `${encode({ alg: "EdDSA", typ: "at+jwt", kid: "first", ...header })}.e30.${"A".repeat(86)}`;
    expect(await refusalOf(verifier.verify(made)), JSON.stringify(header)).toEqual(invalid("header"));
  }
});

it("refuses a JWT of another type, such as an ID token, and one that names no key", async () => {
  const { verifier, token } = await setUp();
  for (const header of [{ typ: "JWT" }, { typ: undefined }, { kid: undefined }, { kid: 7 }]) {
    expect(await refusalOf(verifier.verify(await token({}, header)))).toEqual(invalid("header"));
  }
});

it("refuses parts of two right tokens put together", async () => {
  const { verifier, token } = await setUp();
  const [one, other] = [(await token()).split("."), (await token({ roles: ["admin"] })).split(".")];
  const swapped = `${one[0]}.${other[1]}.${one[2]}`;
  expect(await refusalOf(verifier.verify(swapped))).toEqual(invalid("signature"));
});

it("refuses what is no token before parsing it", async () => {
  const { verifier, token } = await setUp();
  const right = await token();
  const inputs = [undefined, null, 7, {}, [right], "", ".", "..", "a.b", "a.b.c", `${right}.`, `${right}\0`];
  for (const input of [...inputs, ` ${right}`, `${right}\n`, "x".repeat(1_000_000), `${right}.${right}`]) {
    expect(await refusalOf(verifier.verify(input)), `${input}`.slice(0, 40)).toEqual(invalid("format"));
  }
});

it("refuses a signature that is another spelling of the right bytes", async () => {
  const { verifier, token } = await setUp();
  const right = await token();
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(right.at(-1) ?? "");
  const respelled = right.slice(0, -1) + alphabet[last ^ 1];
  expect(await refusalOf(verifier.verify(respelled))).toEqual(invalid("format"));
});

it("refuses the tokens of a session that is revoked, at once, also those that it knows", async () => {
  const revoked = new Set<string>();
  const { verifier, token } = await setUp({ isRevoked: async (sid) => revoked.has(sid) });
  const right = await token();
  await verifier.verify(right);
  revoked.add("session");
  expect(await refusalOf(verifier.verify(right))).toEqual({ ...invalid("revoked"), code: "TOKEN_REVOKED" });
  await verifier.verify(await token({ sid: "another" }));
});

it("lets nothing through when it cannot be told whether the session is revoked", async () => {
  const failure = new Error("no answer");
  const { verifier, token } = await setUp({ isRevoked: () => Promise.reject(failure) });
  await expect(verifier.verify(await token())).rejects.toBe(failure);
});

it("hands out claims that cannot be changed", async () => {
  const { verifier, token } = await setUp();
  const claims = await verifier.verify(await token());
  expect(() => (claims.roles as string[]).push("admin")).toThrow(TypeError);
  expect(() => Object.assign(claims, { sub: "another" })).toThrow(TypeError);
});

it("cannot be made without an issuer, an audience and one source of keys", async () => {
  const { jwks } = await createTestIssuer();
  const right = { issuer, audience, jwks };
  for (const wrong of [
    { issuer: "" },
    { audience: undefined },
    { jwks: undefined },
    { jwksUrl: `${issuer}/jwks` },
  ]) {
    expect(() => createVerifier({ ...right, ...wrong } as unknown as VerifierOptions)).toThrow(TypeError);
  }
});
