// Refresh tokens as a client meets them: exchanged, shown again, stolen, and over with their session.

import { expect, it } from "vitest";
import { basePath } from "../auth.ts";
import { describeDatabases } from "../database/test-database.ts";
import { runJob } from "../jobs/test-jobs.ts";
import { asOperator, program } from "../test-app.ts";
import { ada, cookieOf, home, readJson, sessionOf, startWithAda, type Tokens, told } from "./test-tokens.ts";
import { createTokenJob } from "./token-job.ts";

const graceMs = 20_000;
const thief = "198.51.100.66";
const invalid = { status: 401, code: "REFRESH_TOKEN_INVALID" };
const ended = { status: 401, code: "SESSION_ENDED" };
const reused = { status: 401, code: "REFRESH_TOKEN_REUSED" };

describeDatabases("refresh tokens", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startWithAda(await databases.url());
  type Flux = Awaited<ReturnType<typeof start>>;
  const read = async (response: Response): Promise<Tokens> => {
    expect(response.status).toBe(200);
    return readJson(response);
  };
  const eventsOf = async ({ guard, events }: Flux, type: string) => {
    await guard.flush();
    return (await events.list({ limit: 1_000 })).filter(({ event }) => event.signal.type === type);
  };

  it("come to those who ask, beside the cookie, and to nobody else", async () => {
    const { ask, signIn, me } = await start();
    const { accessToken, refreshToken, expiresIn, cookie } = await signIn();
    expect([typeof accessToken, refreshToken.length, expiresIn]).toEqual(["string", 73, 900]);
    for (const headers of [{ cookie }, { authorization: `Bearer ${accessToken}` }]) {
      const response = await ask(`${basePath}/me`, { headers }, home);
      expect(await response.json()).toMatchObject({ user: { email: ada.email, role: "user" } });
    }
    expect((await me(accessToken)).status).toBe(200);
    expect(Object.keys(await signIn({}))).not.toContain("accessToken");
    expect(Object.keys(await signIn({ tokens: false }))).not.toContain("refreshToken");
  });

  it("come with a sign-up that signs in, and with the header for clients that do not choose the body", async () => {
    const { post, refresh } = await start();
    const bob = { ...ada, email: "bob@example.com" };
    const response = await post(`${basePath}/signup`, bob, home, { "x-flux-tokens": "true" });
    expect((await refresh((await read(response)).refreshToken)).status).toBe(200);
  });

  it("come for a session that a page has opened", async () => {
    const { post, signIn, refresh } = await start();
    const { cookie } = await signIn({});
    const response = await post(`${basePath}/token`, {}, home, { cookie });
    expect((await refresh((await read(response)).refreshToken)).status).toBe(200);
    expect((await post(`${basePath}/token`, {}, home)).status).toBe(401);
  });

  it("are asked for by true and by cookie, and by nothing else", async () => {
    const { post } = await start();
    for (const tokens of ["yes", 7, {}, ["cookie"]]) {
      const answer = await told(await post(`${basePath}/login`, { ...ada, tokens }, home));
      expect(answer, JSON.stringify(tokens)).toEqual({ status: 400, code: "INVALID_FIELD" });
    }
  });

  it("are exchanged for the next, again and again", async () => {
    const { signIn, refresh, me, clock } = await start();
    let tokens: Tokens = await signIn();
    for (let i = 0; i < 5; i++) {
      clock.now += 10 * 60_000;
      const next = await read(await refresh(tokens.refreshToken));
      expect(next.refreshToken).not.toBe(tokens.refreshToken);
      expect((await me(next.accessToken)).status).toBe(200);
      tokens = next;
    }
  });

  it("give one successor to 100 parallel exchanges of one, which count as one", async () => {
    const flux = await start();
    const { refreshToken } = await flux.signIn();
    // From many addresses: a hundred requests of one would be stopped before they are looked at.
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => flux.refresh(refreshToken, `10.0.0.${i}`)),
    );
    const tokens = await Promise.all(answers.map(read));
    const successors = new Set(tokens.map((one) => one.refreshToken));
    expect(successors.size).toBe(1);
    // One exchange and 99 retries: the rule that looks for rapid refreshes sees one.
    await flux.guard.flush();
    const account = flux.accountKey(ada.email);
    const events = (await flux.events.list({ account, limit: 1_000 })).map(({ event }) => event.signal.type);
    expect(events.filter((type) => type === "token-refresh")).toHaveLength(1);
    const [successor] = successors;
    expect((await flux.refresh(successor)).status).toBe(200);
  });

  it("bring the same successor within the grace: a second tab, or a lost answer, signs nobody out", async () => {
    const { signIn, refresh, clock } = await start();
    const { refreshToken } = await signIn();
    const first = await read(await refresh(refreshToken));
    clock.now += graceMs - 1;
    const again = await read(await refresh(refreshToken));
    expect(again.refreshToken).toBe(first.refreshToken);
    expect((await refresh(again.refreshToken)).status).toBe(200);
  });

  it("within the grace are noticed in a thief's hands, who gets the successor, and not in a second tab's", async () => {
    const flux = await start();
    const { accessToken, refreshToken } = await flux.signIn();
    const next = await read(await flux.refresh(refreshToken));
    const repeat = (await read(await flux.refresh(refreshToken))).refreshToken;
    expect(repeat).toBe(next.refreshToken);
    expect(await eventsOf(flux, "refresh-token-repeat")).toEqual([]);
    for (let i = 0; i < 3; i++) {
      expect((await read(await flux.refresh(refreshToken, thief))).refreshToken).toBe(next.refreshToken);
    }
    expect(await eventsOf(flux, "refresh-token-repeat")).toMatchObject([
      {
        event: {
          signal: { ip: thief, session: sessionOf(accessToken), account: flux.accountKey(ada.email) },
          detections: [{ rule: "refresh-token-repeat", severity: "low", mode: "monitor" }],
        },
      },
    ]);
    expect((await flux.refresh(next.refreshToken)).status).toBe(200);
  });

  it("end the family and the session when they are used again after the grace", async () => {
    const { signIn, refresh, ask, clock } = await start();
    const { refreshToken, cookie } = await signIn();
    const next = await read(await refresh(refreshToken));
    clock.now += graceMs;
    expect(await told(await refresh(refreshToken, thief))).toEqual(reused);
    expect(await told(await refresh(next.refreshToken))).toEqual(ended);
    expect(await told(await refresh(refreshToken, thief))).toEqual(ended);
    expect((await ask(`${basePath}/me`, { headers: { cookie } }, home)).status).toBe(401);
  });

  it("end the family also for one that was used many exchanges ago", async () => {
    const { signIn, refresh, clock } = await start();
    const { refreshToken } = await signIn();
    let last = refreshToken;
    for (let i = 0; i < 4; i++) last = (await read(await refresh(last))).refreshToken;
    clock.now += graceMs - 1;
    // Not the one before the last, so no second tab and no lost answer.
    expect(await told(await refresh(refreshToken, thief))).toEqual(reused);
    expect(await told(await refresh(last))).toEqual(ended);
  });

  it("that were stolen make one event, one block and one mail, however often they are shown", async () => {
    const flux = await start();
    const { accessToken, refreshToken } = await flux.signIn();
    await flux.refresh(refreshToken);
    flux.clock.now += graceMs;
    const replays = await Promise.all(Array.from({ length: 50 }, () => flux.refresh(refreshToken, thief)));
    expect(new Set(replays.map(({ status }) => status))).toEqual(new Set([401]));
    const [reuse, ...others] = await eventsOf(flux, "refresh-token-reuse");
    expect(others).toEqual([]);
    const session = sessionOf(accessToken);
    expect(reuse?.event).toMatchObject({
      signal: { session, ip: thief, door: "refresh" },
      detections: [{ rule: "refresh-token-reuse", severity: "high", mode: "enforce" }],
      decision: { action: "block", scope: "session", value: session },
    });
    const blocks = flux.guard.decisions(flux.clock.now).filter(({ scope }) => scope === "session");
    expect(blocks).toHaveLength(1);
    const mails = (await flux.mails()).filter(({ subject }) => subject === "We ended one of your sessions");
    expect(mails).toHaveLength(1);
  });

  it.each([
    ["sign-out", "/sign-out", {}],
    ["the revocation of all sessions", "/revoke-sessions", {}],
    [
      "a change of the password",
      "/change-password",
      { currentPassword: ada.password, newPassword: "another horse battery", revokeOtherSessions: true },
    ],
  ])("are over at once with %s, and services are told", async (_, path, body) => {
    const flux = await start();
    const { accessToken, refreshToken, cookie } = await flux.signIn();
    expect((await flux.post(basePath + path, body, home, { cookie })).status).toBe(200);
    expect(await told(await flux.refresh(refreshToken))).toEqual(ended);
    expect(await told(await flux.me(accessToken))).toEqual(ended);
    const { now } = flux.clock;
    const decision = flux.decisions.find("session", sessionOf(accessToken), now);
    expect(decision).toMatchObject({ action: "block", origin: "feed" });
    expect(decision?.until).toBeGreaterThan(now + 900_000);
  });

  it("are over at once with the account: on every device, and services are told of each session", async () => {
    const flux = await start();
    const devices = [await flux.signIn(), await flux.signIn(), await flux.signIn()];
    const { cookie = "" } = devices[0] ?? {};
    await flux.post(`${basePath}/delete-user`, { password: ada.password }, home, { cookie });
    const { link } = (await flux.mails()).find(({ subject }) => /delet/i.test(subject ?? "")) ?? {};
    const token = new URL(link ?? "").searchParams.get("token");
    const refreshing = devices.map(({ refreshToken }) => flux.refresh(refreshToken));
    const gone = await flux.ask(
      `${basePath}/delete-user/callback?token=${token}`,
      { headers: { cookie, "x-flux-client": "test" } },
      home,
    );
    expect(gone.status).toBe(200);
    // Those that were under way at the same time came before or after it, and nothing that they brought is good now.
    const late = await Promise.all((await Promise.all(refreshing)).map(readJson));
    const shown = [...devices, ...late].flatMap(({ accessToken, refreshToken }) =>
      accessToken === undefined ? [] : [{ accessToken, refreshToken }],
    );
    expect(shown.length).toBeGreaterThanOrEqual(devices.length);
    for (const { accessToken, refreshToken } of shown) {
      expect((await flux.refresh(refreshToken)).status).toBe(401);
      expect(await told(await flux.me(accessToken))).toEqual(ended);
      const decision = flux.decisions.find("session", sessionOf(accessToken), flux.clock.now);
      expect(decision).toMatchObject({ action: "block", origin: "feed" });
    }
    expect((await flux.ask(`${basePath}/me`, { headers: { cookie } }, home)).status).toBe(401);
  });

  it("are over with the one session that is revoked, and the others' stay", async () => {
    const { post, signIn, refresh, ask } = await start();
    const [one, other] = [await signIn(), await signIn()];
    const list = await ask(`${basePath}/list-sessions`, { headers: { cookie: one.cookie } }, home);
    const sessions: { id: string; token: string }[] = await readJson(list);
    const token = sessions.find(({ token }) => decodeURIComponent(other.cookie).includes(token))?.token;
    await post(`${basePath}/revoke-session`, { token }, home, { cookie: one.cookie });
    expect(await told(await refresh(other.refreshToken))).toEqual(ended);
    expect((await refresh(one.refreshToken)).status).toBe(200);
  });

  it("make no decision when a session without tokens ends", async () => {
    const { post, signIn, guard, clock } = await start();
    const { cookie } = await signIn({});
    await post(`${basePath}/logout`, {}, home, { cookie });
    expect(guard.decisions(clock.now)).toEqual([]);
  });

  it("travel in a cookie for browsers that ask: HttpOnly, for the one path, the same again within the grace", async () => {
    const { ask, post } = await start();
    const signIn = await post(`${basePath}/login`, { ...ada, tokens: "cookie" }, home);
    expect(Object.keys(await readJson(signIn))).not.toContain("refreshToken");
    const line = signIn.headers.getSetCookie().find((one) => one.startsWith("flux.refresh_token="));
    expect(line).toMatch(/; Path=\/api\/auth\/refresh(?:;|$)/);
    expect(line).toMatch(/; HttpOnly/);
    expect(line).toMatch(/; SameSite=Strict/i);
    const cookie = cookieOf(signIn);
    const refresh = () =>
      ask(`${basePath}/refresh`, { method: "POST", headers: { "x-flux-client": "test", cookie } }, home);
    const [one, other] = [await refresh(), await refresh()];
    expect(cookieOf(one)).toMatch(/^flux\.refresh_token=fr_/);
    expect(cookieOf(other)).toBe(cookieOf(one));
    expect(Object.keys(await readJson(one))).toEqual(["accessToken", "expiresIn"]);
    const out = await post(`${basePath}/logout`, {}, home, { cookie });
    expect(out.headers.getSetCookie().join()).toMatch(
      /flux\.refresh_token=; Max-Age=0; Path=\/api\/auth\/refresh/,
    );
  });

  it("are not taken from another site's page", async () => {
    const { ask, post } = await start();
    const cookie = cookieOf(await post(`${basePath}/login`, { ...ada, tokens: "cookie" }, home));
    const headers = { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const response = await ask(`${basePath}/refresh`, { method: "POST", headers }, home);
    expect(await told(response)).toEqual({ status: 403, code: "CSRF" });
  });

  it("that nobody was given count as failed attempts of their address", async () => {
    const flux = await start();
    const { refreshToken } = await flux.signIn();
    const last = refreshToken.at(-2) === "A" ? "B" : "A";
    const forged = refreshToken.slice(0, -2) + last + refreshToken.slice(-1);
    const guesses = [forged, "fr_", "x".repeat(5_000), "\0", `${refreshToken} `, refreshToken.toLowerCase()];
    const answers = await Promise.all(guesses.map((guess) => flux.refresh(guess, thief)));
    const told5 = await Promise.all(answers.map(told));
    expect(told5.filter(({ code }) => code === invalid.code)).toHaveLength(5);
    expect(await told(await flux.refresh(forged, thief))).toEqual({ status: 403, code: "BLOCKED" });
    expect(await eventsOf(flux, "sign-in-failure")).toHaveLength(5);
    // The family is as it was.
    expect((await flux.refresh(refreshToken)).status).toBe(200);
  });

  it("are read from an object whose token is a text, and from nothing else", async () => {
    const { ask } = await start();
    for (const body of ["7", '"fr_"', "{", '{"refreshToken":{"is":1}}', "null"]) {
      const response = await ask(`${basePath}/refresh`, { method: "POST", headers: program, body }, home);
      expect(await told(response), body).toEqual({ status: 400, code: "INVALID_FIELD" });
    }
  });

  it("are asked for when there is none", async () => {
    const { post } = await start();
    const response = await post(`${basePath}/refresh`, {}, home);
    expect(await told(response)).toEqual({ status: 401, code: "REFRESH_TOKEN_MISSING" });
  });

  it("are refused while an operator blocks the session or the account, and good again after", async () => {
    const { signIn, refresh, guard, accountKey, clock } = await start();
    const { accessToken, refreshToken } = await signIn();
    const targets = [
      { scope: "session", value: sessionOf(accessToken) },
      { scope: "account", value: accountKey(ada.email) },
    ] as const;
    for (const target of targets) {
      const block = { ...target, action: "block", until: null, origin: "admin" } as const;
      const { id } = await guard.decide(block, clock.now);
      expect(await told(await refresh(refreshToken))).toEqual({ status: 403, code: "BLOCKED" });
      await guard.lift(id, clock.now);
    }
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it("keep the session open, and end when it was not used for too long", async () => {
    const { signIn, refresh, clock } = await start();
    const dayMs = 24 * 60 * 60_000;
    let { refreshToken } = await signIn();
    for (let i = 0; i < 5; i++) {
      clock.now += 5 * dayMs;
      refreshToken = (await read(await refresh(refreshToken))).refreshToken;
    }
    clock.now += 8 * dayMs;
    expect(await told(await refresh(refreshToken))).toEqual(ended);
  });

  it("are kept as hashes only, one row a session, and deleted when they are old", async () => {
    const { signIn, refresh, database, clock } = await start();
    const tokens = await signIn();
    const next = await read(await refresh(tokens.refreshToken));
    const rows = await database.kysely.selectFrom("refresh_family").selectAll().execute();
    expect(rows).toHaveLength(1);
    for (const secret of [tokens.refreshToken, next.refreshToken]) {
      expect(JSON.stringify(rows)).not.toContain(secret.slice(-43));
    }
    const job = createTokenJob({ database });
    const families = async (days: number, dryRun = false) =>
      (await runJob(job, { now: clock.now + days * 24 * 60 * 60_000, dryRun })).counts.families;
    expect(await families(29)).toBe(0);
    expect(await families(30, true)).toBe(1);
    expect(await families(30)).toBe(1);
    expect(await families(30)).toBe(0);
  });

  it("show in the operator's list of events when they are replayed", async () => {
    const { signIn, refresh, ask, guard, clock } = await start();
    const { refreshToken } = await signIn();
    await refresh(refreshToken);
    clock.now += graceMs;
    await refresh(refreshToken, thief);
    await guard.flush();
    const list = await ask(
      "/api/admin/security/events?rule=refresh-token-reuse",
      { headers: asOperator() },
      "127.0.0.1",
    );
    expect((await readJson(list)).events).toMatchObject([{ event: { signal: { ip: thief } } }]);
  });
});
