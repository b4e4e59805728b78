// Sign-in with an account elsewhere, against a real provider: what it may do, and what makes it fail.

import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { createAuthenticator } from "./test-clients.ts";
import { comeBack, signInThere, testOidcClient } from "./test-oidc-provider.ts";
import { type ProviderChange, startWithProvider } from "./test-provider-app.ts";

// A reset, which proves an address, answers at full quarters of a second.
vi.setConfig({ testTimeout: 60_000 });

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const signInPage = "http://localhost:3001/sign-in";

describeDatabases("providers", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async (change: ProviderChange = {}) => startWithProvider(await databases.url(), change);

  it("sign up and in who has a verified address there, and are offered to the pages", async () => {
    const { there, client, count } = await start();
    expect((await client().get("/sign-in-options")).body.providers).toEqual([{ id: "acme", name: "Acme" }]);
    for (const browser of [client(), client()]) {
      expect(await signInThere(browser, there)).toMatchObject({ status: 302, at: "/account" });
      const { body } = await browser.get("/me");
      expect(body.user).toMatchObject({ email: ada.email, emailVerified: true, role: "user" });
    }
    expect(await count("user")).toBe(1);
  });

  it("are asked with PKCE, state and nonce, and what they hand over is not kept", async () => {
    const { there, client, database, lines } = await start();
    const browser = client();
    const { body } = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const asked = new URL(body.url ?? "").searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    for (const name of ["code_challenge", "state", "nonce"])
      expect(asked.get(name)?.length).toBeGreaterThan(30);
    expect((await comeBack(browser, await there.visit(body.url ?? ""))).at).toBe("/account");
    const { rows } = await sql`select * from account`.execute(database.kysely);
    expect(rows).toMatchObject([
      { providerId: "acme", accountId: "ada-there", accessToken: null, refreshToken: null, idToken: null },
    ]);
    for (const { name } of await database.kysely.introspection.getTables()) {
      const found = await sql`select * from ${sql.table(name)}`.execute(database.kysely);
      expect(JSON.stringify(found.rows), name).not.toContain(testOidcClient.clientSecret);
    }
    expect(lines.join("")).not.toContain(testOidcClient.clientSecret);
  });

  it("that do not vouch for the address let nobody in", async () => {
    const { there, client, count } = await start();
    there.state.user = { ...there.state.user, email_verified: false };
    const browser = client();
    const { at } = await signInThere(browser, there);
    expect(new URL(at).searchParams.get("error")).toBe("email_not_verified");
    expect((await browser.get("/me")).status).toBe(401);
    expect(await count("user")).toBe(0);
  });

  it("open an account that has a password when both sides have verified the address, and not before", async () => {
    const { there, client, confirm } = await start();
    await client().post("/sign-up/email", ada);
    const browser = client();
    expect((await signInThere(browser, there)).at).toBe(`${signInPage}?error=account_not_linked`);
    await confirm(ada.email);
    there.state.user = { ...there.state.user, email_verified: false };
    expect((await signInThere(browser, there)).at).toBe(`${signInPage}?error=account_not_linked`);
    there.state.user = { ...there.state.user, email_verified: true };
    expect((await signInThere(browser, there)).at).toBe("/account");
  });

  it("know their accounts by subject: an address that moved to somebody else opens nothing", async () => {
    const { there, client } = await start();
    await signInThere(client(), there);
    there.state.user = { ...there.state.user, sub: "ada-there", email: "moved@example.com" };
    const browser = client();
    expect((await signInThere(browser, there)).at).toBe("/account");
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
  });

  it("do not replace the second factor", async () => {
    const { there, client, confirm } = await start();
    const owner = client();
    await owner.post("/sign-up/email", ada);
    await confirm(ada.email);
    const enabled = await owner.post("/two-factor/enable", { password: ada.password });
    const authenticator = createAuthenticator(enabled.body.totpURI ?? "");
    await owner.post("/two-factor/verify-totp", { code: await authenticator.code() });
    const browser = client();
    const { at } = await signInThere(browser, there);
    expect(at).toBe(`${signInPage}?step=second-factor&next=%2Faccount`);
    expect((await browser.get("/me")).status).toBe(401);
    const code = await authenticator.code(1);
    expect((await browser.post("/two-factor/verify-totp", { code })).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(200);
  });

  it("that hear no send the browser back with nothing but that", async () => {
    const { there, client, count } = await start();
    there.state.denies = true;
    const browser = client();
    const { at } = await signInThere(browser, there, { errorCallbackURL: "/sign-in" });
    expect(new URL(at, signInPage).searchParams.get("error")).toBe("access_denied");
    expect((await browser.get("/me")).status).toBe(401);
    expect(await count("user")).toBe(0);
  });

  it("an answer to somebody else's question is refused, and so is one that comes twice", async () => {
    const { there, client } = await start();
    const [browser, victim] = [client(), client()];
    const started = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const back = await there.visit(started.body.url ?? "");
    // Login CSRF: the victim's browser brings the attacker's answer.
    expect((await comeBack(victim, back)).at).toContain("error=state_mismatch");
    expect((await victim.get("/me")).status).toBe(401);
    const forged = new URL(back);
    forged.searchParams.set("state", "x".repeat(32));
    expect((await comeBack(browser, forged)).at).toContain("error=state_mismatch");
    expect((await comeBack(browser, back)).at).toBe("/account");
    const again = await comeBack(client(), back);
    expect(again.at).toContain("error=");
  });

  it.each([
    ["code", "x".repeat(43), "error=invalid_code"],
    ["iss", "https://evil.example", "error=issuer_mismatch"],
  ])("an answer with another %s is refused", async (name, value, error) => {
    const { there, client } = await start();
    const browser = client();
    const started = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const back = await there.visit(started.body.url ?? "");
    back.searchParams.set(name, value);
    expect((await comeBack(browser, back)).at).toContain(error);
    expect((await browser.get("/me")).status).toBe(401);
  });

  it("that call themselves something else than the settings do are not used", async () => {
    const { client, lines } = await start({
      issuer: (issuer: string) => issuer.replace("127.0.0.1", "localhost"),
    });
    const answer = await client().post("/sign-in/social", { provider: "acme" });
    expect(answer).toMatchObject({ status: 400, body: { code: "PROVIDER_MISCONFIGURED" } });
    expect(lines.join("")).toContain("OIDC_PROVIDERS");
  });

  it("that do not answer keep nobody from starting, and are asked again when somebody needs them", async () => {
    const { there, client } = await start({ answers: false });
    expect((await client().post("/sign-up/email", ada)).status).toBe(200);
    there.state.answers = true;
    there.state.user = { ...there.state.user, email: "grace@example.com", sub: "grace-there" };
    expect((await signInThere(client(), there)).at).toBe("/account");
  });

  it("that do not answer are asked once for all who wait, who are told, and again after a pause", async () => {
    let passedMs = 0;
    const { there, client } = await start({ answers: false, now: () => Date.now() + passedMs });
    // The start has given up when anything is answered.
    expect((await client().get("/me")).status).toBe(401);
    there.state.requests = 0;
    const ask = () => client().post("/sign-in/social", { provider: "acme" });
    for (const answer of await Promise.all([ask(), ask(), ask()])) {
      expect(answer).toMatchObject({ status: 503, body: { code: "PROVIDER_UNAVAILABLE" } });
    }
    const back = await client().get("/callback/acme?state=a&code=b");
    expect([back.status, back.headers.get("location")]).toEqual([
      302,
      "http://localhost:3001/sign-in?error=state_mismatch",
    ]);
    there.state.answers = true;
    expect((await ask()).body.code).toBe("PROVIDER_UNAVAILABLE");
    expect(there.state.requests).toBe(1);
    passedMs = 30_000;
    expect((await signInThere(client(), there)).at).toBe("/account");
  });

  it("that are unknown or asked for more than a sign-in get a 4xx", async () => {
    const { client } = await start();
    const odd = [
      { provider: "nobody" },
      { provider: "acme", idToken: { token: "x.y.z" } },
      { provider: "acme", scopes: ["admin"] },
      { provider: "acme", additionalParams: { prompt: "none" } },
      { provider: "acme", callbackURL: "https://evil.example/" },
      { provider: 7 },
    ];
    for (const body of odd) {
      const answer = await client().post("/sign-in/social", body);
      expect(answer.status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
      expect(answer.status, JSON.stringify(body)).toBeLessThan(500);
      expect(answer.body.code).toMatch(/^[A-Z_]+$/);
    }
  });

  it("that block addresses are guarded like any door: a blocked address is not let in by a provider", async () => {
    const { there, client } = await start();
    const browser = client();
    const started = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const back = await there.visit(started.body.url ?? "");
    for (let i = 0; i < 5; i++) await browser.post("/sign-in/email", { ...ada, password: "wrong password" });
    expect((await comeBack(browser, back)).body.code).toBe("BLOCKED");
    expect((await browser.get("/me")).status).toBe(401);
  });
});
