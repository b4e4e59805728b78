// Verification, reset, change of password and address, deletion: what each does, ends and mails.

import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createAuthenticator, createTestClient, type TestClient } from "./test-clients.ts";

// Two of the doors answer at full quarters of a second.
vi.setConfig({ testTimeout: 60_000 });

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const { name: _, ...credentials } = ada;

async function startOn(databaseUrl: string, env: Record<string, string> = {}) {
  const app = await startTestApp({ databaseUrl, env });
  let last = 0;
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  /** The token in the newest mail to somebody. */
  const tokenFor = async (to: string): Promise<string> => {
    const mail = (await app.mails()).findLast((one) => one.to.includes(to));
    return new URL(mail?.link ?? "").searchParams.get("token") ?? "";
  };
  const verify = async (browser: TestClient, to: string) =>
    browser.get(`/verify-email?token=${await tokenFor(to)}`);
  const subjects = async () => (await app.mails()).map(({ to, subject }) => `${to}: ${subject}`);
  return { ...app, client, tokenFor, verify, subjects };
}
type Flux = Awaited<ReturnType<typeof startOn>>;

async function signUp({ client }: Flux, account = ada): Promise<TestClient> {
  const browser = client();
  expect((await browser.post("/sign-up/email", account)).status).toBe(200);
  return browser;
}
const isIn = async (browser: TestClient) => (await browser.get("/me")).status === 200;

describeDatabases("accounts", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());
  const startRequired = async () => startOn(await databases.url(), { EMAIL_VERIFICATION: "required" });

  it("that must be verified sign in only after that, and are told so only with the right password", async () => {
    const flux = await startRequired();
    const browser = await signUp(flux);
    expect(await isIn(browser)).toBe(false);
    const unverified = await browser.post("/sign-in/email", credentials);
    expect(unverified).toMatchObject({ status: 403, body: { code: "EMAIL_NOT_VERIFIED" } });
    const wrong = await browser.post("/sign-in/email", { ...credentials, password: "another password" });
    expect(wrong).toMatchObject({ status: 401, body: { code: "INVALID_EMAIL_OR_PASSWORD" } });
    // Links of the same second are one link, and make one mail.
    await vi.waitFor(
      async () => {
        await browser.post("/sign-in/email", credentials);
        expect((await flux.subjects()).length).toBeGreaterThan(1);
      },
      { timeout: 30_000 },
    );
    expect(new Set(await flux.subjects())).toEqual(new Set(["ada@example.com: Confirm your e-mail address"]));
    expect((await flux.verify(browser, ada.email)).status).toBe(200);
    expect((await browser.post("/sign-in/email", credentials)).status).toBe(200);
  });

  it("that must be verified are not given away by a second sign-up, of which the owner hears", async () => {
    const flux = await startRequired();
    const browser = flux.client();
    const first = await browser.post("/sign-up/email", ada);
    const second = await browser.post("/sign-up/email", { ...ada, password: "another horse battery" });
    const other = await browser.post("/sign-up/email", { ...ada, email: "other@example.com" });
    const shape = ({ body, status, headers }: typeof first) => ({
      status,
      headers: [...headers.keys()].sort(),
      token: body.token,
      fields: Object.entries(body.user ?? {}).map(([field, value]) =>
        /^(?:id|email|createdAt|updatedAt)$/.test(field) ? `${field}: ${typeof value}` : `${field}: ${value}`,
      ),
    });
    expect(shape(second)).toEqual(shape(first));
    expect(shape(other)).toEqual(shape(first));
    expect(await flux.subjects()).toEqual([
      "ada@example.com: Confirm your e-mail address",
      "ada@example.com: You already have an account",
      "other@example.com: Confirm your e-mail address",
    ]);
    await flux.verify(browser, ada.email);
    const replaced = await browser.post("/sign-in/email", {
      ...credentials,
      password: "another horse battery",
    });
    expect(replaced.status).toBe(401);
  });

  it("that need no verification sign in at once, and a second sign-up is told", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    expect(await isIn(browser)).toBe(true);
    expect(await flux.client().post("/sign-up/email", ada)).toMatchObject({ status: 422 });
  });

  it("a reset ends all sessions, verifies the address, and is spent by one of two at the same time", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    await browser.post("/request-password-reset", { email: ada.email });
    const token = await flux.tokenFor(ada.email);
    const passwords = ["another horse battery", "a third horse battery"];
    const answers = await Promise.all(
      passwords.map((newPassword) => flux.client().post("/reset-password", { token, newPassword })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(answers.find(({ status }) => status === 400)?.body.code).toBe("INVALID_TOKEN");
    expect(await isIn(browser)).toBe(false);
    const works = passwords[answers.findIndex(({ status }) => status === 200)];
    const signIn = await browser.post("/sign-in/email", { ...credentials, password: works });
    expect(signIn).toMatchObject({ status: 200, body: { user: { emailVerified: true } } });
    expect((await flux.subjects()).slice(-2)).toEqual([
      "ada@example.com: Your password was changed",
      // The browser of whoever had signed up before the address was proved is a stranger's.
      "ada@example.com: New sign-in to your account",
    ]);
  });

  it("a reset takes the password policy's word, and ends links and challenges from before", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    const request = async () => {
      await browser.post("/request-password-reset", { email: ada.email });
      return flux.tokenFor(ada.email);
    };
    const [older, newer] = [await request(), await request()];
    const reset = (token: string, newPassword: string) =>
      browser.post("/reset-password", { token, newPassword });
    expect((await reset(newer, "password123")).body.code).toBe("PASSWORD_COMMON");
    expect((await reset(newer, "another horse battery")).status).toBe(200);
    expect((await reset(older, "a third horse battery")).body.code).toBe("INVALID_TOKEN");
  });

  it("whoever signed up with somebody else's address is out once its owner resets the password", async () => {
    const flux = await start();
    const mallory = await signUp(flux);
    const enabled = await mallory.post("/two-factor/enable", { password: ada.password });
    const code = await createAuthenticator(enabled.body.totpURI ?? "").code();
    expect((await mallory.post("/two-factor/verify-totp", { code })).status).toBe(200);
    await mallory.post("/change-email", { newEmail: "mallory@example.com" });
    const kept = await flux.tokenFor("mallory@example.com");
    expect(kept).not.toBe("");

    const owner = flux.client();
    await owner.post("/request-password-reset", { email: ada.email });
    const token = await flux.tokenFor(ada.email);
    expect((await owner.post("/reset-password", { token, newPassword: "owner's own words" })).status).toBe(
      200,
    );

    expect(await isIn(mallory)).toBe(false);
    const { rows } = await sql<{ last_ip: string }>`select last_ip from device`.execute(flux.database.kysely);
    expect(rows).toEqual([{ last_ip: owner.ip }]);
    expect((await mallory.get(`/verify-email?token=${kept}`)).body.code).toBe("INVALID_TOKEN");
    const signIn = await owner.post("/sign-in/email", { email: ada.email, password: "owner's own words" });
    expect(signIn).toMatchObject({ status: 200, body: { user: { twoFactorEnabled: false } } });
  });

  it("a changed password ends the other sessions and earlier links, and the owner hears of it", async () => {
    const flux = await start();
    const [browser, other] = [await signUp(flux), flux.client()];
    await other.post("/sign-in/email", credentials);
    await other.post("/request-password-reset", { email: ada.email });
    const token = await flux.tokenFor(ada.email);
    const change = { currentPassword: ada.password, newPassword: "another horse battery" };
    expect((await browser.post("/change-password", { ...change, revokeOtherSessions: false })).status).toBe(
      200,
    );
    expect([await isIn(browser), await isIn(other)]).toEqual([true, false]);
    expect(
      (await other.post("/reset-password", { token, newPassword: "a third horse battery" })).status,
    ).toBe(400);
    expect((await flux.subjects()).at(-1)).toBe("ada@example.com: Your password was changed");
  });

  it("a changed address is confirmed at the old one and then at the new one, each link once", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    await flux.verify(browser, ada.email);
    const newEmail = "countess@example.com";
    expect((await browser.post("/change-email", { newEmail })).status).toBe(200);
    expect((await flux.subjects()).at(-1)).toBe("ada@example.com: Confirm the change of your e-mail address");
    const first = await flux.tokenFor(ada.email);
    const answers = await Promise.all([1, 2].map(() => flux.client().get(`/verify-email?token=${first}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
    expect((await flux.subjects()).slice(-1)).toEqual([
      "countess@example.com: Confirm your new e-mail address",
    ]);
    expect((await flux.verify(flux.client(), newEmail)).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: newEmail, emailVerified: true });
    expect((await flux.verify(browser, newEmail)).body.code).toBe("INVALID_TOKEN");
    expect((await flux.client().post("/sign-in/email", { ...credentials, email: newEmail })).status).toBe(
      200,
    );
  });

  it("an address that nobody has confirmed yet is changed by a link to the new one", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    await browser.post("/change-email", { newEmail: "countess@example.com" });
    expect((await flux.verify(browser, "countess@example.com")).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({
      email: "countess@example.com",
      emailVerified: true,
    });
  });

  it("an address that somebody has is not given away, and cannot be taken", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    await browser.post("/change-email", { newEmail: "late@example.com" });
    const token = await flux.tokenFor("late@example.com");
    await signUp(flux, { ...ada, email: "late@example.com" });
    const taken = await browser.post("/change-email", { newEmail: "late@example.com" });
    const free = await browser.post("/change-email", { newEmail: "free@example.com" });
    expect([taken.status, taken.body]).toEqual([free.status, free.body]);
    const answer = await browser.get(`/verify-email?token=${token}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.code).toMatch(/^[A-Z_]+$/);
  });

  it("whoever wants an address that somebody has sees the same mails as for a free one, and only its reader is told", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    await flux.verify(browser, ada.email);
    const owner = await signUp(flux, { ...ada, email: "taken@example.com" });
    const seen: unknown[] = [];
    for (const newEmail of ["taken@example.com", "free@example.com"]) {
      const asked = await browser.post("/change-email", { newEmail });
      const first = await flux.verify(browser, ada.email);
      const twice = await flux.verify(browser, ada.email);
      const subject = (await flux.subjects()).filter((one) => one.startsWith(ada.email)).at(-1);
      seen.push([asked.status, asked.body, subject, first.status, first.body, twice.status, twice.body.code]);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect((await flux.subjects()).filter((one) => one.startsWith("taken@")).at(-1)).toContain(
      "Confirm your new e-mail address",
    );
    expect(await flux.verify(flux.client(), "taken@example.com")).toMatchObject({
      status: 422,
      body: { code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" },
    });
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
    expect((await owner.get("/me")).body.user).toMatchObject({ email: "taken@example.com" });
  });

  it("an account is deleted by a mailed link in the owner's session, and nothing of it stays", async () => {
    const flux = await start();
    const browser = await signUp(flux);
    const { body } = await browser.post("/two-factor/enable", { password: ada.password });
    expect(body.totpURI).toBeDefined();
    const wrong = await browser.post("/delete-user", { password: "another password" });
    expect(wrong).toMatchObject({ status: 400, body: { code: "INVALID_PASSWORD" } });
    expect((await browser.post("/delete-user", { password: ada.password })).status).toBe(200);
    expect(await isIn(browser)).toBe(true);
    const path = `/delete-user/callback?token=${await flux.tokenFor(ada.email)}`;
    const stranger = await signUp(flux, { ...ada, email: "stranger@example.com" });
    expect((await stranger.get(path)).status).toBe(404);
    await browser.post("/delete-user", { password: ada.password });
    const owned = `/delete-user/callback?token=${await flux.tokenFor(ada.email)}`;
    const { rows } = await sql<{ id: string }>`select id from "user" where email = ${ada.email}`.execute(
      flux.database.kysely,
    );
    const id = rows[0]?.id ?? "";
    expect((await browser.get(owned)).status).toBe(200);
    expect(await isIn(browser)).toBe(false);
    for (const table of await flux.database.kysely.introspection.getTables()) {
      const found = await sql`select * from ${sql.table(table.name)}`.execute(flux.database.kysely);
      expect(JSON.stringify(found.rows), table.name).not.toContain(id);
    }
  });

  it("the pages are told what there is to sign in with, and may keep it for a while", async () => {
    const flux = await startRequired();
    const { status, body, headers } = await flux.client().get("/sign-in-options");
    expect([status, body]).toEqual([
      200,
      { password: true, passkey: true, providers: [], emailVerification: "required", minPasswordLength: 8 },
    ]);
    expect(headers.get("cache-control")).toMatch(/^public, max-age=\d+$/);
  });
});
