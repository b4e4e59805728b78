// Known devices at a running flux-auth: an attacked account and a shared address stay usable for those who belong there.

import { expect, it } from "vitest";
import { createTestClient, type TestClient } from "../accounts/test-clients.ts";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";

const office = "203.0.113.80";
const minuteMs = 60_000;
const password = "correct horse battery";

async function startOn(databaseUrl: string) {
  let offsetMs = 0;
  const app = await startTestApp({ databaseUrl, now: () => Date.now() + offsetMs });
  let last = 0;
  const fresh = () => createTestClient(app, `10.${last >> 8}.${++last & 255}.1`);

  /** Somebody who has signed up on this browser, at home. */
  async function person(name: string) {
    const email = `${name}@example.com`;
    const home = fresh();
    expect((await home.post("/signup", { name, email, password })).status).toBe(200);
    return { email, browser: home };
  }
  /** The same browser elsewhere. */
  const at = (browser: TestClient, ip: string): TestClient => {
    const moved = createTestClient(app, ip);
    for (const [name, value] of browser.cookies) moved.cookies.set(name, value);
    return moved;
  };
  const advance = (ms: number) => {
    offsetMs += ms;
  };
  return { ...app, fresh, person, at, advance };
}

const guess = async (browser: TestClient, email: string) =>
  (await browser.post("/login", { email, password: "wrong password" })).status;
const signIn = async (browser: TestClient, email: string) =>
  (await browser.post("/login", { email, password })).status;
const deviceCookies = (browser: TestClient) =>
  [...browser.cookies].filter(([name]) => name.startsWith("flux.device."));

describeDatabases("known devices", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("40 people share an address with an attacker: the attacker is stopped, and nobody else notices", async () => {
    const { person, at, fresh } = await start();
    const people = [];
    for (let i = 0; i < 40; i++) people.push(await person(`person${i}`));
    const attacker = at(fresh(), office);
    const victim = people[0]?.email ?? "";
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++)
      statuses.push(await guess(attacker, i % 2 ? victim : `nobody${i}@example.com`));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403, 403, 403]);
    for (const { browser, email } of people) expect(await signIn(at(browser, office), email)).toBe(200);
    expect(await guess(attacker, victim)).toBe(403);
  });

  it("an address that is blocked stays closed to the holder of a device who asks for another account", async () => {
    const { person, at, fresh } = await start();
    const [alice, mallory] = [await person("alice"), await person("mallory")];
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    const browser = at(mallory.browser, office);
    expect(await guess(browser, alice.email)).toBe(403);
    expect(await signIn(browser, alice.email)).toBe(403);
    expect(await signIn(browser, mallory.email)).toBe(200);
  });

  it("nor does a device open the doors of a blocked address that ask for no account", async () => {
    const { person, at, fresh } = await start();
    const { email, browser } = await person("mallory");
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    const here = at(browser, office);
    for (const path of [
      "/signup",
      "/sign-up/email",
      "/request-password-reset",
      "/reset-password",
      "/unlock",
      "/x",
    ])
      expect((await here.post(path, { name: "M", email: "m@example.com", password })).status, path).toBe(403);
    expect((await here.post("/passkey/verify-authentication", { response: {} })).status).toBe(400);
    expect((await here.get("/passkey/generate-authenticate-options")).status).toBe(200);
    expect(await signIn(here, email)).toBe(200);
  });

  it("a known device behind a blocked address refreshes its tokens; a wrong token from there is refused", async () => {
    const { person, at, fresh } = await start();
    const { email, browser } = await person("alice");
    expect((await browser.post("/login", { email, password, tokens: "cookie" })).status).toBe(200);
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    const here = at(browser, office);
    expect((await here.post("/refresh", { refreshToken: "wrong" })).status).toBe(403);
    expect((await here.post("/refresh")).status).toBe(200);
    expect((await at(fresh(), office).post("/refresh")).status).toBe(403);
  });

  it("an account that many addresses guess at lets in no more than its bound, and its owner at the first try", async () => {
    const { person, at, fresh, advance } = await start();
    const { email, browser } = await person("alice");
    let through = 0;
    for (let address = 0; address < 40; address++) {
      const attacker = fresh();
      for (let i = 0; i < 3; i++) if ((await guess(attacker, email)) === 401) through++;
      advance(minuteMs);
      if (address % 10 === 9) expect(await signIn(at(browser, fresh().ip), email)).toBe(200);
    }
    // Ten at once; then one after 1, 2, 4, 8 and 15 minutes.
    expect(through).toBe(10 + 5);
  });

  it("an unknown account answers like a guessed-at one, word for word, all along", async () => {
    const { person, fresh } = await start();
    const { email } = await person("alice");
    const answers: { [email: string]: unknown[] } = {};
    for (const one of [email, "nobody@example.com"]) {
      answers[one] = [];
      for (let i = 0; i < 12; i++) {
        const { status, body } = await fresh().post("/login", { email: one, password: "wrong password" });
        answers[one].push([status, body.code]);
      }
    }
    expect(answers[email]).toEqual(answers["nobody@example.com"]);
    expect(answers[email]?.at(-1)).toEqual([429, "THROTTLED"]);
  });

  it("a device whose owner forgot the password is blocked for itself, and the office is not", async () => {
    const { person, at, fresh } = await start();
    const [alice, bob] = [await person("alice"), await person("bob")];
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push(await guess(at(alice.browser, office), alice.email));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403]);
    expect(await signIn(at(fresh(), office), bob.email)).toBe(200);
    // Without its cookie the browser is a stranger, with a stranger's tries.
    expect(await signIn(at(fresh(), office), alice.email)).toBe(200);
  });

  it("a challenge for a passkey is no request that is counted, and none is made for whoever is blocked", async () => {
    const { at, fresh } = await start();
    const challenge = async () =>
      (await at(fresh(), office).get("/passkey/generate-authenticate-options")).status;
    for (let i = 0; i < 60; i++) expect(await challenge()).toBe(200);
    for (let i = 0; i < 5; i++) expect(await guess(at(fresh(), office), `nobody${i}@example.com`)).toBe(401);
    expect(await challenge()).toBe(403);
  });

  it("requests with a device cookie are counted for the device, so that it is no way to flood", async () => {
    const { person, at } = await start();
    const { browser } = await person("alice");
    const here = at(browser, office);
    const statuses: number[] = [];
    for (let i = 0; i < 110; i++)
      statuses.push((await here.post("/passkey/verify-authentication", { response: {} })).status);
    // 50 for the device and 50 for the address.
    expect(statuses.filter((status) => status === 400)).toHaveLength(100);
    expect(statuses.at(-1)).toBe(403);
  });

  it("a cookie that this server has not made, or made for another name, is no device", async () => {
    const { person, at, fresh } = await start();
    const [alice, bob] = [await person("alice"), await person("bob")];
    const [name = "", value = ""] = deviceCookies(alice.browser)[0] ?? [];
    const [bobs = ""] = deviceCookies(bob.browser)[0] ?? [];
    const [id, secret, signature = ""] = value.split(".");
    const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    const forged: readonly (readonly [string, string])[] = [
      [name, `${id}.${secret}.${flipped}`],
      [name, `${id}.${secret}`],
      [name, `${secret}.${id}.${signature}`],
      [name, `${value}.${value}`],
      [name, "%"],
      [bobs, value],
      [`__Host-${name}`, value],
    ];
    for (const [cookieName, cookieValue] of forged) {
      const browser = at(fresh(), office);
      browser.cookies.set(cookieName, cookieValue);
      expect(await signIn(browser, alice.email), cookieValue).toBe(403);
    }
  });

  it("the cookie is new at each sign-in, and one from two sign-ins ago is no device any more", async () => {
    const { person, at, fresh, advance } = await start();
    const { email, browser } = await person("alice");
    const old = at(browser, office);
    for (let i = 0; i < 2; i++) {
      const before = deviceCookies(browser);
      expect(await signIn(browser, email)).toBe(200);
      const after = deviceCookies(browser);
      expect(after.map(([name]) => name)).toEqual(before.map(([name]) => name));
      expect(after).not.toEqual(before);
      advance(2 * minuteMs);
    }
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    expect(await signIn(old, email)).toBe(403);
    expect(await signIn(at(browser, office), email)).toBe(200);
  });

  it("of sign-ins side by side on one browser one changes the cookie, and a lost answer loses no device", async () => {
    const { person, at, advance } = await start();
    const { email, browser } = await person("alice");
    const tabs = [at(browser, office), at(browser, office), at(browser, office)];
    expect(await Promise.all(tabs.map((tab) => signIn(tab, email)))).toEqual([200, 200, 200]);
    const before = deviceCookies(browser).join();
    expect(tabs.filter((tab) => deviceCookies(tab).join() !== before)).toHaveLength(1);
    // The browser never got the answer with the new cookie, and comes back later with the old one.
    advance(2 * minuteMs);
    expect(await signIn(browser, email)).toBe(200);
    expect(deviceCookies(browser).join()).not.toBe(before);
    expect((await browser.get("/devices")).body.devices).toHaveLength(1);
  });

  it("a browser is remembered for five accounts, each with a cookie of its own that says nothing about whose it is", async () => {
    const { person, at, fresh } = await start();
    const shared = at(fresh(), office);
    const emails: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { email } = await person(`person${i}`);
      emails.push(email);
      expect(await signIn(shared, email)).toBe(200);
    }
    expect(deviceCookies(shared)).toHaveLength(5);
    expect(deviceCookies(shared).join()).not.toContain("person");
    for (let i = 0; i < 5; i++) await guess(at(fresh(), office), "nobody@example.com");
    expect(await signIn(shared, emails[0] ?? "")).toBe(403);
    expect(await signIn(shared, emails[5] ?? "")).toBe(200);
  });

  it("cookies are for browsers only: not for scripts, not for other sites, and over https for this host alone", async () => {
    const { fresh } = await start();
    const answer = await fresh().post("/signup", { name: "Ada", email: "ada@example.com", password });
    const line = answer.headers.getSetCookie().find((one) => one.startsWith("flux.device."));
    expect(line).toMatch(
      /^flux\.device\.[\w-]{12}=[\w-]{22}\.[\w-]{22}\.[\w-]{43}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/i,
    );
  });
});
