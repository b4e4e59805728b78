// The keys: read once, read again when old or unknown, kept while their server is down, and never asked for too often.

import { expect, it } from "vitest";
import { audience, createTestIssuer, issuer } from "./test-issuer.ts";
import { createVerifier } from "./verifier.ts";

const refreshMs = 300_000;
const cooldownMs = 30_000;

async function setUp() {
  const test = await createTestIssuer();
  const errors: unknown[] = [];
  const verifier = createVerifier({
    issuer,
    audience,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    fetch: test.fetch,
    now: () => test.clock.now,
    refreshMs,
    cooldownMs,
    onError: (error) => errors.push(error),
  });
  return { ...test, errors, verify: async (token: string) => (await verifier.verify(token)).sub };
}

const down = () => new Response("out of order", { status: 503 });
/** What runs behind the caller's back has had its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("are read once for tokens that come side by side, and no more after that", async () => {
  const { verify, token, server } = await setUp();
  const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => token({ jti: `${i}` })));
  await Promise.all(tokens.map(verify));
  server.answer = down;
  for (const one of tokens) expect(await verify(one)).toBe("user");
  expect(server.requests).toBe(1);
});

it("are unavailable until they could be read; the server is asked again after the cooldown", async () => {
  const { verify, token, server, clock, errors } = await setUp();
  const right = await token();
  const working = server.answer;
  server.answer = down;
  const unavailable = { code: "KEYS_UNAVAILABLE", reason: "no-keys", status: 503 };
  await expect(verify(right)).rejects.toMatchObject(unavailable);
  server.answer = working;
  clock.now += cooldownMs - 1;
  await expect(verify(right)).rejects.toMatchObject(unavailable);
  expect([server.requests, errors]).toEqual([
    1,
    [new Error(`${issuer}/.well-known/jwks.json answered 503.`)],
  ]);
  clock.now += 1;
  expect(await verify(right)).toBe("user");
});

it("that are old serve on while the server is down, and are read again when it is back", async () => {
  const { verify, token, server, clock, addKey } = await setUp();
  const working = server.answer;
  await verify(await token());
  server.answer = down;
  for (let i = 0; i < 5; i++) {
    clock.now += refreshMs;
    expect(await verify(await token())).toBe("user");
    await settled();
  }
  expect(server.requests).toBe(6);
  server.answer = working;
  await addKey("second");
  clock.now += cooldownMs;
  await verify(await token());
  await settled();
  server.answer = down;
  expect(await verify(await token({}, { kid: "second" }))).toBe("user");
});

it("that are new are found at once, without waiting for the old ones to age", async () => {
  const { verify, token, server, clock, addKey } = await setUp();
  await verify(await token());
  await addKey("second");
  clock.now += cooldownMs;
  expect(await verify(await token({}, { kid: "second" }))).toBe("user");
  expect(await verify(await token())).toBe("user");
  expect(server.requests).toBe(2);
});

it("that nobody published are refused, and cost one request in the cooldown", async () => {
  const { verify, token, server, clock } = await setUp();
  await verify(await token());
  clock.now += cooldownMs;
  for (let i = 0; i < 100; i++) {
    const made = await token({}, { kid: `made up ${i}` });
    await expect(verify(made)).rejects.toMatchObject({ code: "TOKEN_INVALID", reason: "unknown-key" });
  }
  expect(server.requests).toBe(2);
});

it("that are unknown while the server is down are no fault of the client", async () => {
  const { verify, token, server, clock } = await setUp();
  await verify(await token());
  server.answer = down;
  clock.now += cooldownMs;
  await expect(verify(await token({}, { kid: "new" }))).rejects.toMatchObject({ code: "KEYS_UNAVAILABLE" });
  expect(await verify(await token())).toBe("user");
});

it("that are published no longer take the tokens that they signed with them", async () => {
  const { verify, token, clock, addKey, unpublish } = await setUp();
  const stolen = await token();
  await verify(stolen);
  await addKey("second");
  unpublish("first");
  clock.now += refreshMs;
  await verify(await token({}, { kid: "second" }));
  await expect(verify(stolen)).rejects.toMatchObject({ code: "TOKEN_INVALID", reason: "unknown-key" });
});

it.each([
  [
    "a key set with no key that could be used",
    () => Response.json({ keys: [{ kty: "RSA", kid: "first" }, null] }),
  ],
  ["something else", () => Response.json({ hello: "world" })],
  ["null", () => Response.json(null)],
  ["no JSON", () => new Response("<html>")],
  ["too much", () => new Response(`{"keys":[]}${" ".repeat(70_000)}`)],
  ["a redirect", () => Response.redirect("https://evil.example/jwks.json")],
])("of a server that sends %s are unavailable, and those known stay", async (_, answer) => {
  const { verify, token, server, clock, errors } = await setUp();
  await verify(await token());
  server.answer = answer;
  clock.now += refreshMs;
  expect(await verify(await token())).toBe("user");
  await settled();
  expect(errors).toHaveLength(1);
  expect(await verify(await token())).toBe("user");
});

it("are not those with another use, algorithm or curve", async () => {
  const { verify, token, server, publicKey } = await setUp();
  const right = publicKey();
  const others = [{ use: "enc" }, { alg: "ES256" }, { crv: "X25519" }, { kty: "EC" }, { x: 7 }];
  const keys = others.map((change, i) => ({ ...right, kid: `other ${i}`, ...change }));
  server.answer = () => Response.json({ keys: [...keys, right] });
  for (const [i, change] of others.entries()) {
    const signed = verify(await token({}, { kid: `other ${i}` }));
    await expect(signed, JSON.stringify(change)).rejects.toMatchObject({ reason: "unknown-key" });
  }
});
