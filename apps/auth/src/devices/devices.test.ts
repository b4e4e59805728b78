// What owners do with their devices: see them, sign them out, hear of new ones, and take an account back by mail.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { createAuthenticator, createTestClient, type TestClient } from "../accounts/test-clients.ts";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const bob = { name: "Bob", email: "bob@example.com", password: "another horse battery" };
const firefox = {
  "user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
const minuteMs = 60_000;

async function startOn(databaseUrl: string) {
  let offsetMs = 0;
  const app = await startTestApp({ databaseUrl, now: () => Date.now() + offsetMs });
  let last = 0;
  const client = () => createTestClient(app, `10.${last >> 8}.${++last & 255}.1`);
  const advance = (ms: number) => {
    offsetMs += ms;
  };
  async function signedUp(person: typeof ada): Promise<TestClient> {
    const browser = client();
    expect((await browser.post("/signup", person)).status).toBe(200);
    return browser;
  }
  async function signedIn(person: typeof ada): Promise<TestClient> {
    const browser = client();
    expect((await browser.post("/login", person, firefox)).status).toBe(200);
    return browser;
  }
  const mailsAbout = async (subject: string) =>
    (await app.mails()).filter((mail) => mail.subject === subject);
  const linkIn = async (subject: string) =>
    new URL((await mailsAbout(subject)).at(-1)?.link ?? "").searchParams.get("token") ?? "";
  return { ...app, client, signedUp, signedIn, mailsAbout, linkIn, advance };
}

const newSignIn = "New sign-in to your account";
const guessed = "Somebody is guessing your password";

describeDatabases("devices", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("are listed for their owner alone, the present one marked", async () => {
    const { signedUp, signedIn, client } = await start();
    await signedUp(ada);
    const second = await signedIn(ada);
    const other = await signedUp(bob);
    const { devices } = (await second.get("/devices")).body;
    expect(devices).toMatchObject([
      { name: "Firefox on Windows", ip: second.ip, country: null, current: true },
      { current: false },
    ]);
    expect(JSON.stringify(devices)).not.toMatch(/hash|secret/);
    expect((await other.get("/devices")).body.devices).toHaveLength(1);
    expect((await client().get("/devices")).status).toBe(401);
  });

  it("signing one out ends its sessions and its trust, and nothing else", async () => {
    const { signedUp, signedIn, database } = await start();
    const first = await signedUp(ada);
    const second = await signedIn(ada);
    const id = (await second.get("/devices")).body.devices?.find((one) => one.current)?.id ?? "";
    expect((await first.post("/devices/revoke", { id })).status).toBe(200);
    expect((await second.get("/me")).status).toBe(401);
    expect((await first.get("/me")).status).toBe(200);
    expect((await first.get("/devices")).body.devices).toHaveLength(1);
    // The browser still has its cookie, which makes it a new device.
    expect((await second.post("/login", ada)).status).toBe(200);
    const { rows } = await sql<{ id: string }>`select id from device`.execute(database.kysely);
    expect(rows).toHaveLength(3);
  });

  it("of somebody else cannot be signed out, nor can one that there is not, nor without a session", async () => {
    const { signedUp, client } = await start();
    const [owner, other] = [await signedUp(ada), await signedUp(bob)];
    const id = (await owner.get("/devices")).body.devices?.[0]?.id ?? "";
    for (const wrong of [id, "none", "x".repeat(100)]) {
      expect(await other.post("/devices/revoke", { id: wrong })).toMatchObject({
        status: 404,
        body: { code: "NOT_FOUND" },
      });
    }
    expect((await owner.get("/me")).status).toBe(200);
    expect((await client().post("/devices/revoke", { id })).status).toBe(401);
    for (const body of [{}, { id: 1 }, { id: "x".repeat(101) }, { id: null }]) {
      expect((await other.post("/devices/revoke", body)).status).toBe(400);
    }
  });

  it("the owner hears of a new one by mail, but not of the first and not of a known one", async () => {
    const { signedUp, signedIn, mailsAbout } = await start();
    const first = await signedUp(ada);
    expect((await first.post("/login", ada)).status).toBe(200);
    expect(await mailsAbout(newSignIn)).toEqual([]);
    const second = await signedIn(ada);
    expect((await second.post("/login", ada)).status).toBe(200);
    const [mail, ...others] = await mailsAbout(newSignIn);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ to: [ada.email] });
    expect(mail?.text).toContain("Browser: Firefox on Windows");
    expect(mail?.text).toContain(`(address ${second.ip})`);
    expect(mail?.link).toMatch(/^http:\/\/localhost:3001\/not-me\?token=/);
  });

  it('"this wasn\'t me" ends that session once, and a link for a new password follows', async () => {
    const { signedUp, signedIn, client, linkIn, mailsAbout } = await start();
    const owner = await signedUp(ada);
    const thief = await signedIn(ada);
    const token = await linkIn(newSignIn);
    // What a mail scanner does.
    expect((await client().get(`/not-me?token=${token}`)).status).toBe(404);
    expect((await thief.get("/me")).status).toBe(200);
    const answers = await Promise.all([1, 2, 3].map(() => client().post("/not-me", { token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(answers.find(({ status }) => status === 400)?.body.code).toBe("INVALID_TOKEN");
    expect((await thief.get("/me")).status).toBe(401);
    expect((await owner.get("/me")).status).toBe(200);
    expect(await mailsAbout("Set a new password")).toHaveLength(1);
    const reset = { token: await linkIn("Set a new password"), newPassword: "a third horse battery" };
    expect((await client().post("/reset-password", reset)).status).toBe(200);
    expect((await thief.post("/login", ada)).status).toBe(401);
  });

  it.each(["/not-me", "/unlock"])(
    "%s takes no link that was never sent, and guessing at links ends",
    async (path) => {
      const { client } = await start();
      const browser = client();
      for (const body of [{}, { token: 1 }, { token: "x".repeat(201) }, { token: null }])
        expect((await browser.post(path, body)).status).toBe(400);
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push((await browser.post(path, { token: `guess${i}` })).status);
      expect(statuses).toEqual([400, 400, 400, 400, 400, 403]);
    },
  );

  it("a link is for its own purpose only", async () => {
    const { signedUp, signedIn, client, linkIn } = await start();
    await signedUp(ada);
    await signedIn(ada);
    const token = await linkIn(newSignIn);
    expect((await client().post("/unlock", { token })).status).toBe(400);
    expect((await client().post("/reset-password", { token, newPassword: "a third horse" })).status).toBe(
      400,
    );
    expect((await client().post("/not-me", { token })).status).toBe(200);
  });

  it("after 100 wrong passwords in a row one mail lets its owner in on a new device, while strangers go on guessing", async () => {
    const { signedUp, client, linkIn, mailsAbout, advance } = await start();
    await signedUp(ada);
    const guess = () => client().post("/login", { ...ada, password: "wrong password" });
    let through = 0;
    for (let round = 0; through < 100 && round < 300; round++, advance(15 * minuteMs)) {
      for (let i = round === 0 ? 0 : 9; i < 10; i++) if ((await guess()).status === 401) through++;
    }
    expect(await guess()).toMatchObject({ status: 403, body: { code: "STEP_UP_REQUIRED" } });
    const owner = client();
    expect((await owner.post("/login", ada)).status).toBe(403);
    await expect.poll(() => mailsAbout(guessed)).toHaveLength(1);
    expect((await owner.post("/unlock", { token: await linkIn(guessed) })).status).toBe(200);
    for (let i = 0; i < 5; i++) expect([401, 429]).toContain((await guess()).status);
    expect((await owner.post("/login", ada)).status).toBe(200);
    expect(await mailsAbout(newSignIn)).toEqual([]);
  });

  it("after 100 wrong passwords for a name without an account the answers are the same, and nobody gets a mail", async () => {
    const { client, mails, advance } = await start();
    const guess = () => client().post("/login", { email: "nobody@example.com", password: "wrong password" });
    let through = 0;
    for (let round = 0; through < 100 && round < 300; round++, advance(15 * minuteMs)) {
      for (let i = round === 0 ? 0 : 9; i < 10; i++) if ((await guess()).status === 401) through++;
    }
    expect(await guess()).toMatchObject({ status: 403, body: { code: "STEP_UP_REQUIRED" } });
    expect(await mails()).toEqual([]);
  });

  it("a reset by mail makes the browser known, so that waits for strangers do not keep its owner out", async () => {
    const { signedUp, client, linkIn } = await start();
    await signedUp(ada);
    for (let i = 0; i < 10; i++) await client().post("/login", { ...ada, password: "wrong password" });
    const owner = client();
    expect((await owner.post("/login", ada)).status).toBe(429);
    await owner.post("/request-password-reset", { email: ada.email });
    const newPassword = "a third horse battery";
    const reset = { token: await linkIn("Set a new password"), newPassword };
    expect((await owner.post("/reset-password", reset)).status).toBe(200);
    expect((await owner.post("/login", { ...ada, password: newPassword })).status).toBe(200);
  });

  it("a right password without the second factor is told to the owner, once an hour, and makes no device", async () => {
    const { signedUp, client, database, mailsAbout, advance } = await start();
    const owner = await signedUp(ada);
    const enabled = await owner.post("/two-factor/enable", { password: ada.password });
    const authenticator = createAuthenticator(enabled.body.totpURI ?? "");
    expect((await owner.post("/two-factor/verify-totp", { code: await authenticator.code() })).status).toBe(
      200,
    );
    const devices = async () => (await sql`select id from device`.execute(database.kysely)).rows.length;
    const before = await devices();
    const about = "Somebody knows your password";
    for (const [hours, mails] of [
      [0, 1],
      [1, 2],
    ] as const) {
      advance(hours * 60 * minuteMs);
      for (let i = 0; i < 2; i++) {
        const thief = client();
        expect((await thief.post("/login", ada)).body).toMatchObject({ twoFactorRedirect: true });
        expect((await thief.post("/two-factor/verify-totp", { code: "000000" })).status).toBe(401);
      }
      await expect.poll(() => mailsAbout(about)).toHaveLength(mails);
    }
    expect(await devices()).toBe(before);
  });

  it("security events are those of one's own account, bounded, and hold nothing of how they are noticed", async () => {
    const { signedUp, client, events } = await start();
    const [owner, other] = [await signedUp(ada), await signedUp(bob)];
    const stranger = client();
    await stranger.post("/login", { ...ada, password: "wrong password" }, firefox);
    for (let i = 0; i < 60; i++) await client().post("/login", { ...bob, password: "wrong password" });
    await events.flush?.();
    const own = (await owner.get("/security-events")).body.events ?? [];
    expect(own[0]).toMatchObject({
      type: "sign-in-failure",
      status: "failure",
      ip: stranger.ip,
      browser: "Firefox on Windows",
    });
    expect(own.map((event) => event.type)).toContain("sign-up");
    expect(own.length).toBeLessThan(5);
    expect(JSON.stringify(own)).not.toMatch(/account-guessing|threshold|evidence|bob/);
    expect((await other.get("/security-events")).body.events?.length).toBeLessThanOrEqual(50);
    expect((await client().get("/security-events")).status).toBe(401);
  });

  it("what happened to an address before it was somebody's account is not shown to that account", async () => {
    const { client, signedUp, events, auth, advance } = await start();
    const before = await signedUp(ada);
    await client().post("/login", { ...ada, password: "wrong password" });
    const { internalAdapter } = await auth.$context;
    await internalAdapter.deleteUser(String((await before.get("/me")).body.user?.id));
    advance(minuteMs);
    const after = await signedUp({ ...ada, password: "another horse battery" });
    await events.flush?.();
    const shown = (await after.get("/security-events")).body.events ?? [];
    const exported = (await after.get("/export")).body;
    expect(JSON.stringify([shown, exported])).not.toContain(before.ip);
    expect(shown.map(({ type }) => type)).toContain("sign-up");
    expect(exported.securityEvents).toHaveLength(shown.length);
  });

  it("an account keeps twenty devices, and never takes the twenty-first for its first", async () => {
    const { signedUp, signedIn, mailsAbout } = await start();
    const first = await signedUp(ada);
    for (let i = 0; i < 21; i++) await signedIn(ada);
    expect((await first.get("/devices")).body.devices).toHaveLength(20);
    // As many in an hour as the outbox sends to one mailbox.
    expect(await mailsAbout(newSignIn)).toHaveLength(5);
  });

  it("stay with an account whose address changes, and go with one that is deleted", async () => {
    const { signedUp, client, database, auth } = await start();
    const browser = await signedUp(ada);
    await sql`update "user" set email = 'lovelace@example.com'`.execute(database.kysely);
    for (let i = 0; i < 10; i++)
      await client().post("/login", { email: "lovelace@example.com", password: "wrong password" });
    const { password } = ada;
    expect((await client().post("/login", { email: "lovelace@example.com", password })).status).toBe(429);
    expect((await browser.post("/login", { email: "lovelace@example.com", password })).status).toBe(200);
    const { internalAdapter } = await auth.$context;
    const { rows } = await sql<{ id: string }>`select id from "user"`.execute(database.kysely);
    await internalAdapter.deleteUser(rows[0]?.id ?? "");
    expect((await sql`select id from device`.execute(database.kysely)).rows).toEqual([]);
  });

  it("a session cannot be moved to another device by its holder", async () => {
    const { signedUp, signedIn } = await start();
    const first = await signedUp(ada);
    const second = await signedIn(ada);
    const id = (await first.get("/devices")).body.devices?.find((one) => one.current)?.id ?? "";
    await second.post("/update-session", { deviceId: id });
    expect((await first.post("/devices/revoke", { id })).status).toBe(200);
    expect((await second.get("/me")).status).toBe(200);
  });

  it("failing to remember a device does not keep anybody out", async () => {
    const { signedUp, client, database, lines } = await start();
    await signedUp(ada);
    await sql`alter table device rename to away`.execute(database.kysely);
    expect((await client().post("/login", ada)).status).toBe(200);
    await sql`alter table away rename to device`.execute(database.kysely);
    expect(lines.join("")).toContain("A device could not be remembered");
  });

  it("three new devices within an hour are noticed", async () => {
    const { signedUp, signedIn, events } = await start();
    await signedUp(ada);
    for (let i = 0; i < 3; i++) await signedIn(ada);
    await events.flush?.();
    const found = await events.list({ rule: "multiple-devices" });
    expect(found.map(({ event }) => event.detections.map(({ rule }) => rule))).toEqual([
      ["multiple-devices"],
    ]);
  });
});
