// Weaknesses that this product's sign-in once had, each by its name, and what happens now instead.

import { expect, it } from "vitest";
import { describeDatabases } from "./database/test-database.ts";
import { startTestApp } from "./test-app.ts";

const alice = { email: "alice@example.com", password: "correct horse battery" };
const wrong = { ...alice, password: "wrong password" };
const login = "/api/auth/login";
const minuteMs = 60_000;
const home = "198.51.100.1";
const attacker = "203.0.113.7";

describeDatabases("old weakness", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  /** With an account and a clock to turn. */
  async function start() {
    const clock = { now: Date.now() };
    const flux = await startTestApp({ databaseUrl: await databases.url(), now: () => clock.now });
    expect((await flux.post("/api/auth/signup", { ...alice, name: "Alice" }, home)).status).toBe(200);
    const signIn = async (body: object, ip = attacker) => (await flux.post(login, body, ip)).status;
    return { ...flux, clock, signIn };
  }

  it("parallel failures counted once: of 49 guesses sent together five reach the password check", async () => {
    const { signIn, guard, clock } = await start();
    // One more, and the address would be stopped for the number of its requests.
    const statuses = await Promise.all(Array.from({ length: 49 }, () => signIn(wrong)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => ![401, 403, 429].includes(status))).toEqual([]);
    const { windows } = await guard.explain("ip", attacker, clock.now);
    expect(windows).toContainEqual(expect.objectContaining({ window: "brute-force.failures", count: 5 }));
  });

  it("a window that slides with each hit: failures four minutes apart never make five in five minutes", async () => {
    const { signIn, clock } = await start();
    for (let i = 0; i < 12; i++) {
      expect(await signIn(wrong)).toBe(401);
      clock.now += 4 * minuteMs;
    }
  });

  it("a window that slides with each hit: trying on while blocked does not lengthen the block", async () => {
    const { signIn, clock } = await start();
    for (let i = 0; i < 5; i++) expect(await signIn(wrong)).toBe(401);
    for (let minute = 0; minute < 60; minute++) {
      expect(await signIn(alice)).toBe(403);
      clock.now += minuteMs;
    }
    expect(await signIn(alice)).toBe(200);
  });

  it("counters keyed on e-mail+IP only: other accounts and spellings from one address share its count", async () => {
    const { signIn } = await start();
    const emails = [
      "alice@example.com",
      "ALICE@example.com",
      "bob@example.com",
      "carol@example.com",
      "dan@example.com",
    ];
    for (const email of emails) expect(await signIn({ ...wrong, email })).toBe(401);
    expect(await signIn({ ...wrong, email: "eve@example.com" })).toBe(403);
    expect(await signIn(alice, home)).toBe(200);
  });

  it("path-keyed request budgets: 50 requests to whichever doors, and the next one is refused", async () => {
    const { ask } = await start();
    const doors = ["login", "sign-in/email", "reset-password/x", "nothing", "login/"];
    const request = async (i: number) => {
      const answer = await ask(
        `/api/auth/${doors[i % doors.length]}?${i}`,
        { method: i % 2 ? "GET" : "POST" },
        attacker,
      );
      return (await answer.text()).includes("BLOCKED");
    };
    for (let i = 0; i < 50; i++) expect(await request(i)).toBe(false);
    for (let i = 0; i < doors.length; i++) expect(await request(i)).toBe(true);
  });

  it("path-keyed request budgets: failures through the short and the long path are counted together", async () => {
    const { post } = await start();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      statuses.push((await post(i % 2 ? login : "/api/auth/sign-in/email", wrong, attacker)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403]);
  });

  it.each([
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "x-flux-client-ip",
  ])("header-chosen client IPs: %s does not choose the address that is counted", async (name) => {
    const { post } = await start();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const address = `198.51.100.${i}`;
      const headers = { [name]: name === "forwarded" ? `for=${address}` : address };
      statuses.push((await post(login, wrong, attacker, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("gone");
      },
    ],
    ["rejects", () => Promise.reject(new Error("gone"))],
    ["never answers", () => new Promise<never>(() => {})],
  ])("a limiter that %s and lets everything through: nobody gets in until it is back", async (_how, fail) => {
    const { post, signIn, windows } = await start();
    const { observe } = windows;
    windows.observe = fail;
    for (const body of [wrong, alice]) {
      const answer = await post(login, body, attacker);
      expect([answer.status, await answer.json()]).toEqual([503, { code: "UNAVAILABLE", retryAfter: 1 }]);
    }
    windows.observe = observe;
    expect(await signIn(alice)).toBe(200);
  });

  it("unknown user answered before hashing: a password is hashed for each account, there or not, before the answer", async () => {
    const { auth, post } = await start();
    const { password } = await auth.$context;
    const done: string[] = [];
    const { hash, verify } = password;
    password.hash = async (text) => {
      const result = await hash(text);
      done.push("hash");
      return result;
    };
    password.verify = async (check) => {
      const result = await verify(check);
      done.push("verify");
      return result;
    };
    const known = await post(login, wrong, "192.0.2.1");
    expect(done.splice(0)).toEqual(["verify"]);
    const unknown = await post(login, { ...wrong, email: "nobody@example.com" }, "192.0.2.2");
    expect(done.splice(0)).toEqual(["hash"]);
    expect([unknown.status, await unknown.text()]).toEqual([known.status, await known.text()]);
  });
});
