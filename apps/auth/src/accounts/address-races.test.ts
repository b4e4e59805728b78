// Several requests at once want one free address: one gets it, the others are told, and nothing is half-written.

import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { asOperator, startTestApp } from "../test-app.ts";
import { createTestClient } from "./test-clients.ts";
import { comeBack, signInThere } from "./test-oidc-provider.ts";
import { startWithProvider } from "./test-provider-app.ts";

vi.setConfig({ testTimeout: 60_000 });

const password = "correct horse battery";
const wanted = "ada@example.com";
const people = ["ben", "cleo", "dan", "eve"];
const taken = "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL";

async function startOn(databaseUrl: string, env: Record<string, string> = {}) {
  const app = await startTestApp({ databaseUrl, env });
  let last = 0;
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  /** Each row as text. */
  const rows = async (table: string) =>
    (await sql`select * from ${sql.table(table)}`.execute(app.database.kysely)).rows.map((row) =>
      JSON.stringify(row),
    );
  return { ...app, client, rows };
}

describeDatabases("one free address", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("is changed to by one of several at once; the others keep theirs and are told", async () => {
    const flux = await startOn(await databases.url());
    const browsers = people.map(flux.client);
    for (const [i, browser] of browsers.entries()) {
      const account = { name: "Ada", email: `${people[i]}@example.com`, password };
      expect((await browser.post("/sign-up/email", account)).status).toBe(200);
      expect((await browser.post("/change-email", { newEmail: wanted })).status).toBe(200);
    }
    const links = (await flux.mails()).flatMap(({ to, link }) =>
      to.includes(wanted) ? new URL(link ?? "").searchParams.get("token") : [],
    );
    expect(links).toHaveLength(people.length);
    const answers = await Promise.all(
      browsers.map((browser, i) => browser.get(`/verify-email?token=${links[i]}`)),
    );
    const winner = answers.findIndex(({ status }) => status === 200);
    for (const [i, browser] of browsers.entries()) {
      const { user } = (await browser.get("/me")).body;
      if (i === winner) expect(user).toMatchObject({ email: wanted, emailVerified: true });
      else {
        expect(answers[i]).toMatchObject({ status: 422, body: { code: taken } });
        expect(user).toMatchObject({ email: `${people[i]}@example.com`, emailVerified: false });
      }
    }
    expect(flux.lines.filter((line) => line.includes("A request failed"))).toEqual([]);
  });

  it("that is taken before the link to it is opened is told there, and a browser is led on with the code", async () => {
    const flux = await startOn(await databases.url());
    const browser = flux.client();
    await browser.post("/sign-up/email", { name: "Ben", email: "ben@example.com", password });
    await browser.post("/change-email", { newEmail: wanted });
    const token = new URL((await flux.mails()).at(-1)?.link ?? "").searchParams.get("token");
    await flux.client().post("/sign-up/email", { name: "Ada", email: wanted, password });
    const led = await browser.get(`/verify-email?token=${token}&callbackURL=${encodeURIComponent("/a?b=c")}`);
    expect([led.status, led.headers.get("location")]).toEqual([302, `/a?b=c&error=${taken}`]);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: "ben@example.com" });
  });

  it("that is taken proves no other one, wherever a browser is led and whatever the link says", async () => {
    const flux = await startOn(await databases.url());
    const eve = flux.client();
    await eve.post("/sign-up/email", { name: "Eve", email: "victim@example.com", password });
    await eve.post("/change-email", { newEmail: wanted });
    const token = new URL((await flux.mails()).at(-1)?.link ?? "").searchParams.get("token");
    const { user } = (await eve.get("/me")).body;
    await flux.client().post("/sign-up/email", { name: "Ada", email: wanted, password });
    const payload = { email: user?.email, userId: user?.id, requestType: "change-email-verification" };
    const forged = [payload, { ...payload, updateTo: user?.email }].map(
      (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.e30`,
    );
    for (const next of ["/account#x", "/account?error", "/account", "http://localhost:3001/account#x"]) {
      for (const each of [...forged, token]) {
        const query = new URLSearchParams({ token: String(each), callbackURL: next });
        const { status } = await flux.client().get(`/verify-email?${query}`);
        expect([next, status]).toEqual([next, next.includes("#") ? 400 : 302]);
        expect((await eve.get("/me")).body.user).toMatchObject({
          email: "victim@example.com",
          emailVerified: false,
        });
      }
    }
  });

  it("is signed up with by one of several at once, and the others are told as later ones are", async () => {
    const flux = await startOn(await databases.url());
    const answers = await Promise.all(
      people.map((name) => flux.client().post("/sign-up/email", { name, email: wanted, password })),
    );
    const lost = answers.filter(({ status }) => status !== 200);
    expect(lost.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([422, taken]));
    for (const table of ["user", "account", "session"]) {
      expect(await flux.rows(table), table).toHaveLength(1);
    }
  });

  it("is not given away by a sign-up that comes at the same time as its owner's", async () => {
    const flux = await startOn(await databases.url(), { EMAIL_VERIFICATION: "required" });
    const answers = await Promise.all(
      people.map((name) => flux.client().post("/sign-up/email", { name, email: wanted, password })),
    );
    expect(answers.map(({ status, body }) => [status, Object.keys(body).sort()])).toEqual(
      Array(people.length).fill([200, ["token", "user"]]),
    );
    expect((await flux.mails()).map(({ subject }) => subject).sort()).toEqual([
      "Confirm your e-mail address",
      ...Array(3).fill("You already have an account"),
    ]);
    for (const [table, rows] of [
      ["user", 1],
      ["account", 1],
      ["session", 0],
    ] as const) {
      expect(await flux.rows(table), table).toHaveLength(rows);
    }
  });

  it("makes one admin of several at once, who has a password", async () => {
    const flux = await startOn(await databases.url());
    const made = await Promise.all(
      people.map(() =>
        flux.post("/api/admin/security/admins", { email: wanted, password }, "127.0.0.1", asOperator()),
      ),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    for (const table of ["user", "account"]) expect(await flux.rows(table), table).toHaveLength(1);
    expect((await flux.client().post("/sign-in/email", { email: wanted, password })).status).toBe(200);
  });

  it("comes with several first sign-ins by a provider at once: they share one account, or are told to try again", async () => {
    const { there, client, count } = await startWithProvider(await databases.url());
    const browsers = people.map(client);
    const backs: URL[] = [];
    for (const browser of browsers) {
      const { body } = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
      backs.push(await there.visit(body.url ?? ""));
    }
    const answers = await Promise.all(browsers.map((browser, i) => comeBack(browser, backs[i] as URL)));
    const statuses = await Promise.all(browsers.map(async (browser) => (await browser.get("/me")).status));
    for (const [i, { at }] of answers.entries()) {
      const error = new URL(at, "http://localhost").searchParams.get("error");
      if (error !== null) expect(["unable_to_create_user", "unable_to_link_account"]).toContain(error);
      expect(statuses[i], at).toBe(error === null ? 200 : 401);
    }
    expect(statuses).toContain(200);
    expect([await count("user"), await count("account")]).toEqual([1, 1]);
    for (const browser of browsers) expect((await signInThere(browser, there)).at).toBe("/account");
    expect([await count("user"), await count("account")]).toEqual([1, 1]);
  });

  it("is signed up with and comes with a provider at once, and is one account's with one way in", async () => {
    const { there, client, count } = await startWithProvider(await databases.url());
    const [typing, leaving] = [client(), client()];
    const { body } = await leaving.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
    const back = await there.visit(body.url ?? "");
    const [signUp, provider] = await Promise.all([
      typing.post("/sign-up/email", { name: "Ada", email: wanted, password }),
      comeBack(leaving, back),
    ]);
    const error = new URL(provider.at, "http://localhost").searchParams.get("error");
    if (error === null) expect(signUp).toMatchObject({ status: 422, body: { code: taken } });
    else {
      expect(signUp.status).toBe(200);
      expect(["unable_to_create_user", "account_not_linked"]).toContain(error);
    }
    expect([await count("user"), await count("account")]).toEqual([1, 1]);
  });
});
