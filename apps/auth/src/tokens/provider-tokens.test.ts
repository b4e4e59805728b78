// Tokens of sessions that a provider's word has opened: the browser comes back without any, and asks for them.

import { decodeJwt } from "jose";
import { expect, it } from "vitest";
import { createAuthenticator } from "../accounts/test-clients.ts";
import { comeBack, signInThere } from "../accounts/test-oidc-provider.ts";
import { startWithProvider } from "../accounts/test-provider-app.ts";
import { describeDatabases } from "../database/test-database.ts";

describeDatabases("tokens after a provider's word", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => {
    const flux = await startWithProvider(await databases.url());
    const families = () => flux.database.kysely.selectFrom("refresh_family").selectAll().execute();
    return { ...flux, families };
  };

  it("come for the session that it opened, in the answer or in a cookie, and are refreshed", async () => {
    const { there, client, families } = await start();
    const browser = client();
    expect((await signInThere(browser, there)).at).toBe("/account");
    expect(await families()).toEqual([]);
    const { status, body } = await browser.post("/token");
    expect(status).toBe(200);
    expect(decodeJwt(String(body.accessToken))).toMatchObject({ roles: ["user"] });
    const program = client();
    const next = await program.post("/refresh", { refreshToken: body.refreshToken });
    expect(next.status).toBe(200);
    const authorization = `Bearer ${next.body.accessToken}`;
    expect((await program.get("/me", { authorization })).body.user).toMatchObject({
      email: "ada@example.com",
    });
    const inCookie = await browser.post("/token", { tokens: "cookie" });
    expect(Object.keys(inCookie.body).sort()).toEqual(["accessToken", "expiresIn"]);
    expect((await browser.post("/refresh")).status).toBe(200);
  });

  it("are over with the session: nothing that came of it goes on after a sign-out", async () => {
    const { there, client } = await start();
    const browser = client();
    await signInThere(browser, there);
    const { body } = await browser.post("/token");
    expect((await browser.post("/sign-out")).status).toBe(200);
    const refreshed = await client().post("/refresh", { refreshToken: body.refreshToken });
    expect(refreshed).toMatchObject({ status: 401, body: { code: "SESSION_ENDED" } });
    expect(await client().get("/me", { authorization: `Bearer ${body.accessToken}` })).toMatchObject({
      status: 401,
      body: { code: "SESSION_ENDED" },
    });
  });

  it("are in no address that the browser is led to, however they are asked for", async () => {
    const { there, client, families } = await start();
    const browser = client();
    const asked = await browser.post("/sign-in/social", {
      provider: "acme",
      callbackURL: "/account",
      tokens: true,
    });
    expect(asked).toMatchObject({ status: 400, body: { code: "INVALID_FIELD" } });
    const started = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const back = await there.visit(started.body.url ?? "");
    back.searchParams.set("tokens", "true");
    const { at, body } = await comeBack(browser, back);
    expect([at, Object.keys(body)]).toEqual(["/account", expect.not.arrayContaining(["accessToken"])]);
    expect(await families()).toEqual([]);
  });

  it("are not given while a second factor is awaited", async () => {
    const { there, client, confirm, families } = await start();
    const owner = client();
    const password = "correct horse battery";
    await owner.post("/sign-up/email", { name: "Ada", email: "ada@example.com", password });
    await confirm("ada@example.com");
    const enabled = await owner.post("/two-factor/enable", { password });
    const authenticator = createAuthenticator(enabled.body.totpURI ?? "");
    await owner.post("/two-factor/verify-totp", { code: await authenticator.code() });
    const browser = client();
    await signInThere(browser, there);
    expect((await browser.post("/token")).status).toBe(401);
    expect(await families()).toEqual([]);
    const code = await authenticator.code(1);
    const second = await browser.post("/two-factor/verify-totp", { code, tokens: true });
    expect((await client().post("/refresh", { refreshToken: second.body.refreshToken })).status).toBe(200);
  });
});
