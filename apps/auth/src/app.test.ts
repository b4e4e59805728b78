// flux-auth as a client sees it: sign-up, sign-in, guessing, the block, and what an operator can do about it.

import { hash as bcryptHash } from "@node-rs/bcrypt";
import { expect, it } from "vitest";
import { describeDatabases } from "./database/test-database.ts";
import { doorOf } from "./doors.ts";
import { asOperator, program, startTestApp } from "./test-app.ts";

const alice = { email: "alice@example.com", password: "correct horse battery" };

async function startOn(databaseUrl: string) {
  const services = await startTestApp({ databaseUrl, realPasswords: true });
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = program,
    ip = "203.0.113.7",
  ) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return services.ask(path, init, ip);
  };
  const operator = { ...program, ...asOperator() };
  const admin = (method: string, path: string, body?: unknown) =>
    ask(method, `/api/admin/security${path}`, body, operator);
  const guess = (ip?: string, email = alice.email) =>
    ask("POST", "/api/auth/login", { email, password: "wrong password" }, program, ip);
  return { ...services, ask, admin, guess };
}

const read = async (response: Response) => JSON.parse(await response.text());

describeDatabases("flux-auth", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("signs up, signs in, knows who I am, and signs out", async () => {
    const { ask } = await start();
    expect((await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" })).status).toBe(200);
    const login = await ask("POST", "/api/auth/login", alice);
    expect(login.status).toBe(200);
    const cookie = login.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const me = await ask("GET", "/api/auth/me", undefined, { cookie });
    expect(await me.json()).toMatchObject({ user: { email: alice.email, role: "user" } });
    expect((await ask("POST", "/api/auth/logout", undefined, { ...program, cookie })).status).toBe(200);
    expect((await ask("GET", "/api/auth/me", undefined, { cookie })).status).toBe(401);
  });

  it("blocks the sixth guess with 403 and says for how long; the right password does not help, other addresses go on", async () => {
    const { ask, guess } = await start();
    await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" }, program, "198.51.100.1");
    for (let i = 0; i < 5; i++) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({ code: "BLOCKED", retryAfter: 3600 });
    expect(refused.headers.get("retry-after")).toBe("3600");
    expect((await ask("POST", "/api/auth/login", alice)).status).toBe(403);
    expect((await ask("POST", "/api/auth/login", alice, program, "198.51.100.1")).status).toBe(200);
  });

  it("regression: of 60 parallel guesses exactly five reach the password check", async () => {
    const { ask, guess } = await start();
    await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" }, program, "198.51.100.1");
    const answers = await Promise.all(Array.from({ length: 49 }, () => guess()));
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
    expect(
      answers.filter((answer) => answer.status !== 401).every((answer) => [403, 429].includes(answer.status)),
    ).toBe(true);
  });

  it("regression: spellings and other accounts from one address share its count", async () => {
    const { guess } = await start();
    const emails = ["a@example.com", "A@EXAMPLE.COM", "b@example.com", "c@example.com", "d@example.com"];
    for (const email of emails) expect((await guess(undefined, email)).status).toBe(401);
    expect((await guess(undefined, "e@example.com")).status).toBe(403);
  });

  it("regression: a header does not choose the client's address", async () => {
    const { ask } = await start();
    const statuses = [];
    for (let i = 0; i < 7; i++) {
      const headers = {
        ...program,
        "x-forwarded-for": `198.51.100.${i}`,
        "x-flux-client-ip": `198.51.100.${i}`,
      };
      statuses.push(
        (await ask("POST", "/api/auth/login", { email: alice.email, password: "wrong one" }, headers)).status,
      );
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403, 403]);
  });

  it("unknown account, wrong password and locked account get the same answer", async () => {
    const { ask, admin, guess } = await start();
    await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" }, program, "198.51.100.1");
    const wrong = await guess("192.0.2.1");
    const unknown = await guess("192.0.2.2", "nobody@example.com");
    await admin("POST", "/decisions", { action: "lock", scope: "account", value: alice.email });
    const locked = await ask("POST", "/api/auth/login", alice, program, "192.0.2.3");
    const answers = await Promise.all(
      [wrong, unknown, locked].map(async (one) => [one.status, await one.text()]),
    );
    expect(answers[0]?.[0]).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("refuses what cannot prove its origin, and still counts it", async () => {
    const { ask, lines } = await start();
    const bare = await ask("POST", "/api/auth/login", undefined, { "user-agent": "curl/7.68.0" });
    expect([bare.status, (await read(bare)).code]).toEqual([403, "CSRF"]);
    const foreign = await ask("POST", "/api/auth/login", alice, {
      ...program,
      origin: "https://evil.example",
    });
    expect((await read(foreign)).code).toBe("CSRF");
    const crossSite = await ask("POST", "/api/auth/login", alice, {
      ...program,
      "sec-fetch-site": "cross-site",
    });
    expect((await read(crossSite)).code).toBe("CSRF");
    const alerts = lines.map((line) => JSON.parse(line)).filter((line) => line.msg === "Security Alert");
    expect(alerts[0]).toMatchObject({
      rule: "suspicious-user-agent",
      ip: "203.0.113.7",
      userAgent: "curl/7.68.0",
    });
  });

  it("explains a block, lifts it with what was counted, and keeps the event", async () => {
    const { admin, guess } = await start();
    for (let i = 0; i < 5; i++) await guess();
    const explained = await read(await admin("GET", "/explain?scope=ip&value=203.0.113.7"));
    expect(explained.decisions).toMatchObject([{ action: "block", rule: "brute-force" }]);
    const window = { window: "brute-force.failures", rule: "brute-force", count: 5 };
    expect(explained.windows).toContainEqual(
      expect.objectContaining({ ...window, threshold: 5, windowMs: 5 * 60_000 }),
    );
    expect(explained.windows).toContainEqual(
      expect.objectContaining({ ...window, threshold: 10, windowMs: 30 * 60_000 }),
    );
    const found = await read(await admin("GET", "/events?rule=brute-force"));
    expect(found.events).toHaveLength(1);
    expect((await admin("DELETE", `/decisions/${explained.decisions[0].id}`)).status).toBe(200);
    for (let i = 0; i < 4; i++) expect((await guess()).status).toBe(401);
  });

  it("regression: the store failing refuses with 503 and never as a limit, when so configured", async () => {
    const { windows, guess } = await start();
    windows.observe = () => {
      throw new Error("gone");
    };
    const answer = await guess();
    expect([answer.status, (await read(answer)).code]).toEqual([503, "UNAVAILABLE"]);
  });

  it("signs in with an old bcrypt hash and replaces it", async () => {
    const { ask, auth } = await start();
    await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" });
    const { internalAdapter } = await auth.$context;
    const found = await internalAdapter.findUserByEmail(alice.email, { includeAccounts: true });
    const userId = found?.user.id ?? "";
    await internalAdapter.updatePassword(userId, await bcryptHash(alice.password, { cost: 4 }));
    expect((await ask("POST", "/api/auth/login", alice)).status).toBe(200);
    const accounts = await internalAdapter.findAccounts(userId);
    expect(accounts[0]?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("keeps strangers out of the admin API, and blocks who guesses tokens", async () => {
    const { ask } = await start();
    const bad = { ...program, authorization: "Bearer flux_wrong" };
    for (let i = 0; i < 5; i++)
      expect((await ask("GET", "/api/admin/security/rules", undefined, bad)).status).toBe(401);
    expect((await ask("GET", "/api/admin/security/rules", undefined, bad)).status).toBe(403);
  });

  it("writes no password into any log line or event", async () => {
    const { ask, admin, lines, events: store } = await start();
    const canary = "c4n4ry-secret-pass";
    await ask("POST", "/api/auth/signup", { email: "canary@example.com", name: "C", password: canary });
    await ask("POST", "/api/auth/login", { email: "canary@example.com", password: canary });
    await ask("POST", "/api/auth/login", { email: "canary@example.com", password: `${canary}x` });
    await store.flush();
    const events = await (await admin("GET", "/events")).text();
    expect(events).toContain("sign-in-failure");
    for (const text of [events, ...lines]) expect(text).not.toContain(canary);
    expect(events).not.toContain("canary@example.com");
  });

  it("answers bad input with 4xx and a code, never 500", async () => {
    const { ask } = await start();
    const bodies = [
      {},
      [],
      { email: 1, password: 2 },
      { email: `${"x".repeat(10_000)}@example.com`, password: "y" },
      { ...alice, callbackURL: "/\u{1f600}" },
    ];
    for (const body of bodies) {
      const answer = await ask("POST", "/api/auth/login", body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    const large = await ask("POST", "/api/auth/login", { ...alice, name: "x".repeat(100_000) });
    expect([large.status, (await read(large)).code]).toEqual([413, "TOO_LARGE"]);
  });

  it("every endpoint that is not listed as open is a door", async () => {
    const { auth } = await start();
    const paths = Object.values(auth.api).map((endpoint) => (endpoint as { path?: string }).path);
    const open = paths.filter((path) => path && doorOf("POST", `/api/auth${path}`) === undefined);
    expect(open.sort()).toEqual([
      "/account-info",
      "/devices",
      "/devices/revoke",
      "/error",
      "/export",
      "/get-session",
      "/list-accounts",
      "/list-sessions",
      "/me",
      "/ok",
      "/passkey/generate-authenticate-options",
      "/passkey/list-user-passkeys",
      "/passkey/update-passkey",
      "/revoke-other-sessions",
      "/revoke-session",
      "/revoke-sessions",
      "/second-factor",
      "/security-events",
      "/sign-in-options",
      "/sign-out",
      "/unlink-account",
      "/update-session",
      "/update-user",
    ]);
  });

  it("one's own success at another endpoint does not clear the guesses at an account that the body names", async () => {
    const { ask } = await start();
    await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" }, program, "198.51.100.1");
    const mallory = { email: "mallory@example.com", password: "mallory's own password" };
    const signUp = await ask("POST", "/api/auth/signup", { ...mallory, name: "M" }, program, "198.51.100.2");
    const cookie = signUp.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await ask("POST", "/api/auth/login", { ...alice, password: "wrong password" })).status);
      await ask(
        "POST",
        "/api/auth/verify-password",
        { email: alice.email, password: mallory.password },
        { ...program, cookie },
      );
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  });

  it("parallel guesses do not tell a locked account from another", async () => {
    const { ask, admin } = await start();
    await admin("POST", "/decisions", { action: "lock", scope: "account", value: alice.email });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask("POST", "/api/auth/login", { ...alice, password: "wrong password" }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
  });

  it("another site's page cannot get its visitor blocked", async () => {
    const { ask } = await start();
    const byPages: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
      ...["iframe", "frame", "object", "embed"].map((dest) => ({
        ...{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest },
      })),
      // As Chromium sends it for speculation rules.
      ...["prefetch", "prefetch;prerender"].map((purpose) => ({
        ...{ "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
        "sec-purpose": purpose,
      })),
    ];
    for (let i = 0; i < 70; i++) {
      const headers = byPages[i % byPages.length];
      const answer = await ask("GET", `/api/auth/verify-email?token=wrong${i}`, undefined, headers);
      expect(await read(answer), JSON.stringify(headers)).toMatchObject({ code: "CSRF" });
    }
    expect((await ask("POST", "/api/auth/login", alice)).status).toBe(401);
  });

  it("another site cannot get its visitor blocked by leading him here again and again, whatever the link", async () => {
    const { ask } = await start();
    for (let i = 0; i < 60; i++) {
      const site = { "sec-fetch-site": i % 2 ? "cross-site" : "same-site" };
      const led = { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      const path = ["verify-email?token=wrong", "reset-password/wrong?callbackURL=/", "nothing-here"][i % 3];
      // Served like any link.
      const answer = await ask("GET", `/api/auth/${path}`, undefined, led);
      expect([302, 401, 404], await answer.clone().text()).toContain(answer.status);
      // And no form of another site is taken, or counted.
      const form = await ask("POST", "/api/auth/login", alice, { ...led, origin: "https://evil.example" });
      expect((await read(form)).code).toBe("CSRF");
    }
    expect((await ask("POST", "/api/auth/login", alice)).status).toBe(401);
  });

  it("a link leads to no endpoint of ours, in whatever spelling: one would be a chain of wrong tokens", async () => {
    const { ask } = await start();
    const next = "/api/auth/reset-password/wrong";
    const spellings = [
      next,
      `http://localhost:3001${next}`,
      "/x/../api/auth/ok",
      "/%61pi/auth/ok",
      "/api//auth/ok",
    ];
    for (const spelling of spellings) {
      const path = `/api/auth/verify-email?token=wrong&callbackURL=${encodeURIComponent(spelling)}`;
      expect(await read(await ask("GET", path)), spelling).toMatchObject({ code: "INVALID_FIELD" });
    }
    const page = await ask("GET", "/api/auth/verify-email?token=wrong&callbackURL=/account");
    expect(page.headers.get("location")).toBe("/account?error=INVALID_TOKEN");
  });

  it("a name that is no text is refused, not stored and not an error of ours", async () => {
    const { ask } = await start();
    const signUp = await ask("POST", "/api/auth/signup", { ...alice, name: "Alice" });
    const cookie = signUp.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    for (const body of [{ name: null }, { name: { a: 1 } }, { image: ["x"] }]) {
      expect((await ask("POST", "/api/auth/update-user", body, { ...program, cookie })).status).toBe(400);
    }
  });

  it("is alive and ready", async () => {
    const { ask } = await start();
    expect((await ask("GET", "/healthz")).status).toBe(200);
    expect(await (await ask("GET", "/readyz")).json()).toMatchObject({ status: "ok" });
  });
});
