// Tokens come with the sign-in that is complete: after the second factor and with a passkey, and never after the password alone.

import { decodeJwt } from "jose";
import { expect, it } from "vitest";
import { createAuthenticator, createTestClient } from "../accounts/test-clients.ts";
import { createTestPasskey } from "../accounts/test-passkey.ts";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

describeDatabases("tokens", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    let last = 0;
    const client = () => createTestClient(flux, `192.0.2.${++last}`);
    const owner = client();
    expect((await owner.post("/sign-up/email", ada)).status).toBe(200);
    const families = () => flux.database.kysely.selectFrom("refresh_family").selectAll().execute();
    return { ...flux, client, owner, families };
  };

  it("are not given for a password when a second factor is awaited, and come with the second factor", async () => {
    const { client, owner, families } = await start();
    const { body } = await owner.post("/two-factor/enable", { password: ada.password });
    const authenticator = createAuthenticator(body.totpURI ?? "");
    const proof = await owner.post("/two-factor/verify-totp", { code: await authenticator.code() });
    expect(proof.status).toBe(200);

    const browser = client();
    const first = await browser.post("/sign-in/email", { ...ada, tokens: true });
    expect(first).toMatchObject({ status: 200, body: { twoFactorRedirect: true } });
    expect(Object.keys(first.body)).not.toContain("accessToken");
    const wrong = await browser.post("/two-factor/verify-totp", { code: "000000", tokens: true });
    expect([wrong.status, Object.keys(wrong.body)]).toEqual([
      401,
      expect.not.arrayContaining(["accessToken"]),
    ]);
    expect(await families()).toEqual([]);
    const code = await authenticator.code(1);
    const second = await browser.post("/two-factor/verify-totp", { code, tokens: true });
    expect(second.status).toBe(200);
    const refreshed = await client().post("/refresh", { refreshToken: second.body.refreshToken });
    expect(refreshed.status).toBe(200);
    const authorization = `Bearer ${refreshed.body.accessToken}`;
    expect((await client().get("/me", { authorization })).body.user).toMatchObject({ email: ada.email });
  });

  it("come with a passkey, in the cookie for a browser that asks by the header", async () => {
    const { client, owner } = await start();
    const passkey = createTestPasskey({
      origin: "http://localhost:3001",
      rpId: "localhost",
      verifiesUser: true,
    });
    const challengeFrom = async (browser: typeof owner, path: string) => {
      const { body } = await browser.get(path);
      return { ...body, challenge: String(body.challenge) };
    };
    const created = passkey.create(await challengeFrom(owner, "/passkey/generate-register-options"));
    const registered = await owner.post("/passkey/verify-registration", { name: "phone", response: created });
    expect(registered.status).toBe(200);

    const browser = client();
    const response = passkey.get(await challengeFrom(browser, "/passkey/generate-authenticate-options"));
    const headers = { "x-flux-tokens": "cookie" };
    const signedIn = await browser.post("/passkey/verify-authentication", { response }, headers);
    expect(signedIn.status).toBe(200);
    expect(decodeJwt(String(signedIn.body.accessToken)).roles).toEqual(["user"]);
    expect(browser.cookies.get("flux.refresh_token")).toMatch(/^fr_/);
    expect(Object.keys(signedIn.body)).not.toContain("refreshToken");
    expect((await browser.post("/refresh")).status).toBe(200);
  });

  it("are refreshed too often by a script: the rule sees real refreshes, and no retries", async () => {
    const { client, guard, events } = await start();
    const { body } = await client().post("/sign-in/email", { ...ada, tokens: true });
    let refreshToken = body.refreshToken;
    for (let i = 0; i < 10; i++) {
      const { body: next } = await client().post("/refresh", { refreshToken });
      expect((await client().post("/refresh", { refreshToken })).body.refreshToken).toBe(next.refreshToken);
      refreshToken = next.refreshToken;
    }
    await guard.flush();
    const found = await events.list({ rule: "rapid-token-refresh" });
    expect(found).toMatchObject([{ event: { detections: [{ evidence: { count: 10 }, mode: "monitor" }] } }]);
  });
});
