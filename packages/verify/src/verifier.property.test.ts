// Whatever is done to a right token, it is refused with a TokenError: nothing made up gets in, and nothing else is thrown.

import fc from "fast-check";
import { expect, it } from "vitest";
import { audience, createTestIssuer, issuer } from "./test-issuer.ts";
import { TokenError } from "./token-error.ts";
import { createVerifier } from "./verifier.ts";

const runs = { numRuns: 400, seed: 20_260_105 };
const test = await createTestIssuer();
const right = await test.token();
const verifier = createVerifier({ issuer, audience, jwks: test.jwks, now: () => test.clock.now });

async function refused(token: unknown): Promise<void> {
  await expect(verifier.verify(token)).rejects.toBeInstanceOf(TokenError);
}

it("a token with a changed, added or missing character never verifies", async () => {
  const place = fc.nat({ max: right.length - 1 });
  const character = fc.oneof(
    fc.constantFrom(..."ABCxyz019-_.=+/ \0"),
    fc.string({ unit: "binary", maxLength: 2 }),
  );
  const property = fc.asyncProperty(place, fc.nat({ max: 3 }), character, async (at, removed, added) => {
    const changed = right.slice(0, at) + added + right.slice(at + removed);
    fc.pre(changed !== right);
    await refused(changed);
  });
  await fc.assert(property, runs);
});

it("a flipped bit anywhere in the decoded parts never verifies", async () => {
  const parts = right.split(".").map((part) => Buffer.from(part, "base64url"));
  const bits = fc.nat({ max: parts.reduce((sum, part) => sum + part.length * 8, 0) - 1 });
  const property = fc.asyncProperty(bits, async (bit) => {
    let rest = bit;
    const flipped = parts.map((part) => {
      const copy = Buffer.from(part);
      if (rest >= 0 && rest < copy.length * 8) copy[rest >> 3] = (copy[rest >> 3] ?? 0) ^ (1 << (rest & 7));
      rest -= copy.length * 8;
      return copy.toString("base64url");
    });
    await refused(flipped.join("."));
  });
  await fc.assert(property, runs);
});

it("any header with the right body and signature never verifies", async () => {
  const [header, body, signature] = right.split(".");
  const known = fc.constantFrom<unknown>(
    "EdDSA",
    "none",
    "HS256",
    "at+jwt",
    "first",
    ["b64"],
    {},
    null,
    true,
    0,
  );
  const made = fc.dictionary(
    fc.constantFrom("alg", "typ", "kid", "crit", "b64", "jwk", "jku", "cty", "__proto__"),
    fc.oneof(known, fc.jsonValue()),
  );
  const property = fc.asyncProperty(fc.oneof(made, fc.jsonValue()), async (value) => {
    const encoded = Buffer.from(JSON.stringify(value)).toString("base64url");
    fc.pre(encoded !== header);
    await refused(`${encoded}.${body}.${signature}`);
  });
  await fc.assert(property, runs);
});

it("anything that is no token of ours never verifies", async () => {
  await fc.assert(fc.asyncProperty(fc.oneof(fc.anything(), fc.string({ unit: "binary" })), refused), runs);
});
