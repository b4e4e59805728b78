// Links that were used, have expired, or belong to another purpose or another account: none of them works.

import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createTestClient } from "./test-clients.ts";

// Asking for a link is answered at full quarters of a second.
vi.setConfig({ testTimeout: 60_000 });

const password = "correct horse battery";
const newPassword = "another horse battery";
const invalid = { status: 400, body: { code: "INVALID_TOKEN" } };

describeDatabases("a link", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start() {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    let last = 0;
    const client = () => createTestClient(flux, `192.0.2.${++last}`);

    /** Somebody who is signed in, and the tokens of the links that were mailed. */
    async function person(email: string) {
      const browser = client();
      expect((await browser.post("/sign-up/email", { name: "Ada", email, password })).status).toBe(200);
      await browser.post("/request-password-reset", { email });
      const mails = (await flux.mails()).filter(({ to }) => to.includes(email));
      const [verify, reset] = mails.map(({ link }) => new URL(link ?? "").searchParams.get("token") ?? "");
      const signIn = (word: string) => client().post("/sign-in/email", { email, password: word });
      return { email, browser, verify, reset, signIn };
    }
    return { ...flux, client, person };
  }

  it("resets a password once, and not when it is shown again, whoever shows it", async () => {
    const { client, person } = await start();
    const { browser, reset: token, signIn } = await person("ada@example.com");
    expect((await client().post("/reset-password", { token, newPassword })).status).toBe(200);
    for (const replay of [client(), browser]) {
      expect(
        await replay.post("/reset-password", { token, newPassword: "a third horse battery" }),
      ).toMatchObject(invalid);
    }
    expect((await signIn(newPassword)).status).toBe(200);
  });

  it("resets a password for one of eight that show it at the same time", async () => {
    const { client, person } = await start();
    const { reset: token, signIn } = await person("ada@example.com");
    const words = Array.from({ length: 8 }, (_, i) => `horse battery number ${i}`);
    const answers = await Promise.all(
      words.map((word) => client().post("/reset-password", { token, newPassword: word })),
    );
    const [won, ...others] = words.filter((_, i) => answers[i]?.status === 200);
    expect(others).toEqual([]);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(answer).toMatchObject(invalid);
    for (const word of words) expect((await signIn(word)).status).toBe(word === won ? 200 : 401);
  });

  it("resets nothing when it has expired", async () => {
    const { client, person, database } = await start();
    const { browser, reset: token, signIn } = await person("ada@example.com");
    await sql`update verification set "expiresAt" = '2020-01-01T00:00:00.000Z'`.execute(database.kysely);
    expect(await client().post("/reset-password", { token, newPassword })).toMatchObject(invalid);
    expect((await signIn(password)).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(200);
  });

  it("does nothing where another link belongs", async () => {
    const { client, person } = await start();
    const { verify, reset, signIn, browser } = await person("ada@example.com");
    expect(await client().post("/reset-password", { token: verify, newPassword })).toMatchObject(invalid);
    expect((await client().get(`/verify-email?token=${reset}`)).status).toBe(401);
    expect((await browser.get("/delete-user/callback?token=x")).status).toBe(404);
    expect((await signIn(password)).body.user).toMatchObject({ emailVerified: false });
  });

  it("resets the password of its own account, though another one is signed in", async () => {
    const { person } = await start();
    const ada = await person("ada@example.com");
    const bob = await person("bob@example.com");
    expect((await bob.browser.post("/reset-password", { token: ada.reset, newPassword })).status).toBe(200);
    expect((await bob.signIn(password)).status).toBe(200);
    expect((await ada.signIn(newPassword)).status).toBe(200);
    expect((await bob.browser.get("/me")).body.user).toMatchObject({ email: bob.email });
  });

  it("and a session end nothing of another account: its sessions, and the account, stay", async () => {
    const { person, database } = await start();
    const ada = await person("ada@example.com");
    const bob = await person("bob@example.com");
    const { rows } = await sql<{ token: string }>`select token from session`.execute(database.kysely);
    for (const { token } of rows) await bob.browser.post("/revoke-session", { token });
    await bob.browser.post("/revoke-other-sessions");
    expect((await ada.browser.get("/me")).body.user).toMatchObject({ email: ada.email });
  });

  it("is not of use with the cookies of two accounts mixed", async () => {
    const { person, client } = await start();
    const ada = await person("ada@example.com");
    const bob = await person("bob@example.com");
    const [token = ""] = ada.browser.cookies.get("flux.session_token")?.split(".") ?? [];
    const [, signature = ""] = bob.browser.cookies.get("flux.session_token")?.split(".") ?? [];
    expect([token, signature]).not.toContain("");
    const mixed = client();
    mixed.cookies.set("flux.session_token", `${token}.${signature}`);
    expect((await mixed.get("/me")).status).toBe(401);
  });
});
