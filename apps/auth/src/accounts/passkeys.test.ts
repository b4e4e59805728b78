// Passkeys: registered in a session, they sign in by themselves, and only when they verified the user.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createAuthenticator, createTestClient } from "./test-clients.ts";
import { createTestPasskey } from "./test-passkey.ts";
import { challengeFor, newPasskey, type Passkey, register, signIn } from "./test-passkey-ceremonies.ts";

const ada = { email: "ada@example.com", password: "correct horse battery" };
async function startOn(databaseUrl: string) {
  const app = await startTestApp({ databaseUrl });
  let last = 0;
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  const owner = client();
  expect((await owner.post("/sign-up/email", { ...ada, name: "Ada" })).status).toBe(200);
  return { ...app, client, owner };
}

describeDatabases("passkeys", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("sign in without a password, on any device", async () => {
    const { owner, client } = await start();
    const passkey = newPasskey();
    expect(await register(owner, passkey)).toMatchObject({ status: 200, body: { name: "phone" } });
    const browser = client();
    expect((await signIn(browser, passkey)).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
  });

  it("are two factors in one, so nothing more is asked for", async () => {
    const { owner, client } = await start();
    const passkey = newPasskey();
    await register(owner, passkey);
    const { body } = await owner.post("/two-factor/enable", { password: ada.password });
    const code = await createAuthenticator(body.totpURI ?? "").code();
    expect((await owner.post("/two-factor/verify-totp", { code })).status).toBe(200);
    const browser = client();
    expect((await browser.post("/sign-in/email", ada)).body).toMatchObject({ twoFactorRedirect: true });
    expect((await signIn(browser, passkey)).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(200);
  });

  it("with the id of another one, with its key or without, open no second account", async () => {
    const { owner, client } = await start();
    const passkey = newPasskey();
    expect((await register(owner, passkey)).status).toBe(200);
    const eve = client();
    await eve.post("/sign-up/email", { ...ada, name: "Eve", email: "eve@example.com" });
    const id = Buffer.from(passkey.get({ challenge: "" }).id, "base64url");
    const copy = createTestPasskey({ origin: "http://localhost:3001", rpId: "localhost", id });
    for (const [browser, each] of [
      [eve, copy],
      [eve, passkey],
      [owner, passkey],
    ] as const) {
      expect(await register(browser, each)).toMatchObject({
        status: 400,
        body: { code: "PREVIOUSLY_REGISTERED" },
      });
    }
    const browser = client();
    expect((await signIn(browser, copy)).status).toBe(401);
    expect((await signIn(browser, passkey)).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
  });

  it("with one id are registered once, though several come at the same time", async () => {
    const { client } = await start();
    const id = Buffer.alloc(32, 7);
    const passkeys = [1, 2, 3].map(() =>
      createTestPasskey({ origin: "http://localhost:3001", rpId: "localhost", id }),
    );
    const browsers = await Promise.all(
      passkeys.map(async (_, i) => {
        const browser = client();
        await browser.post("/sign-up/email", { ...ada, name: "Eve", email: `eve${i}@example.com` });
        return browser;
      }),
    );
    const answers = await Promise.all(
      browsers.map((browser, i) => register(browser, passkeys[i] as Passkey)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it("take no other signed cookie for their challenge", async () => {
    const { owner, client, lines } = await start();
    const passkey = newPasskey();
    await register(owner, passkey);
    expect((await owner.post("/two-factor/enable-passkey", ada)).status).toBe(200);
    const browser = client();
    await browser.post("/sign-in/email", ada);
    const [challenge] = [...browser.cookies].flatMap(([name, value]) =>
      name.includes("two_factor") ? [value] : [],
    );
    await challengeFor(browser, "/passkey/generate-authenticate-options");
    await challengeFor(owner, "/passkey/generate-register-options");
    for (const each of [browser, owner]) {
      for (const name of each.cookies.keys()) {
        if (name.includes("passkey")) each.cookies.set(name, String(challenge));
      }
    }
    const given = { challenge: "abcd" };
    const answers = [
      await browser.post("/passkey/verify-authentication", { response: passkey.get(given) }),
      await owner.post("/passkey/verify-registration", { response: newPasskey().create(given) }),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 400, body: { code: "CHALLENGE_NOT_FOUND" } });
    }
    expect(lines.filter((line) => line.includes("A request failed"))).toEqual([]);
  });

  it("that did not verify the user neither register nor sign in", async () => {
    const { owner, client } = await start();
    expect(await register(owner, newPasskey(false))).toMatchObject({
      status: 401,
      body: { code: "PASSKEY_USER_NOT_VERIFIED" },
    });
    const passkey = newPasskey();
    await register(owner, passkey);
    const touched: Passkey = { ...passkey, get: (options) => passkey.get(options, false) };
    const browser = client();
    expect(await signIn(browser, touched)).toMatchObject({
      status: 401,
      body: { code: "PASSKEY_USER_NOT_VERIFIED" },
    });
    expect((await browser.get("/me")).status).toBe(401);
  });

  it("need a session to be registered in, and the challenge that was handed out, once", async () => {
    const { owner, client } = await start();
    expect((await client().get("/passkey/generate-register-options")).status).toBe(401);
    const passkey = newPasskey();
    const options = await challengeFor(owner, "/passkey/generate-register-options");
    const body = { response: passkey.create(options) };
    expect((await owner.post("/passkey/verify-registration", body)).status).toBe(200);
    expect(await owner.post("/passkey/verify-registration", body)).toMatchObject({
      status: 400,
      body: { code: "CHALLENGE_NOT_FOUND" },
    });
    const browser = client();
    const challenge = await challengeFor(browser, "/passkey/generate-authenticate-options");
    const answer = { response: passkey.get(challenge) };
    expect((await browser.post("/passkey/verify-authentication", answer)).status).toBe(200);
    expect((await browser.post("/passkey/verify-authentication", answer)).body.code).toBe(
      "CHALLENGE_NOT_FOUND",
    );
  });

  it.each<[string, (passkey: Passkey) => Passkey]>([
    ["unknown passkeys", () => newPasskey()],
    [
      "signatures by another key",
      (passkey) => {
        const other = newPasskey();
        return {
          ...passkey,
          get: (options) => ({ ...passkey.get(options), response: other.get(options).response }),
        };
      },
    ],
    [
      "other sites' signatures",
      (passkey) => ({
        ...passkey,
        get(options) {
          const phished = createTestPasskey({ origin: "https://evil.example", rpId: "localhost" });
          return { ...passkey.get(options), response: phished.get(options).response };
        },
      }),
    ],
  ])("%s are counted, and the sixth is refused", async (_, forge) => {
    const { owner, client } = await start();
    const passkey = newPasskey();
    await register(owner, passkey);
    const forged = forge(passkey);
    const browser = client();
    for (let i = 0; i < 5; i++) {
      const { status, body } = await signIn(browser, forged);
      expect([400, 401]).toContain(status);
      expect(["PASSKEY_NOT_FOUND", "AUTHENTICATION_FAILED"]).toContain(body.code);
    }
    expect((await browser.post("/passkey/verify-authentication", { response: {} })).body.code).toBe(
      "BLOCKED",
    );
  });

  it("that are nonsense get a 4xx", async () => {
    const { owner, client } = await start();
    const nonsense = [{}, { id: {} }, { id: ["x"] }, { id: 7 }, { id: "x" }, { id: null, response: "x" }];
    for (const response of nonsense) {
      const browser = client();
      await browser.get("/passkey/generate-authenticate-options");
      await owner.get("/passkey/generate-register-options");
      for (const answer of [
        await browser.post("/passkey/verify-authentication", { response }),
        await owner.post("/passkey/verify-registration", { response }),
      ]) {
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.body.code).toMatch(/^[A-Z_]+$/);
      }
    }
  });

  it("of one account cannot be changed or deleted by another", async () => {
    const { owner, client } = await start();
    const { body } = await register(owner, newPasskey());
    const mallory = client();
    await mallory.post("/sign-up/email", { ...ada, email: "mallory@example.com", name: "M" });
    for (const [path, status, more] of [
      ["/passkey/delete-passkey", 404, {}],
      ["/passkey/update-passkey", 401, { name: "mine" }],
    ] as const) {
      expect((await mallory.post(path, { id: body.id, ...more })).status, path).toBe(status);
    }
    expect((await owner.post("/passkey/delete-passkey", { id: body.id })).status).toBe(200);
  });
});
