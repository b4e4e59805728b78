// What may happen once happens once, whichever of several processes on one PostgreSQL is asked for it.

import { expect, it } from "vitest";
import {
  type Answer,
  createAuthenticator,
  createTestClient,
  type TestClient,
} from "./accounts/test-clients.ts";
import { challengeFor, newPasskey, register } from "./accounts/test-passkey-ceremonies.ts";
import { describePostgres, type TestDatabases } from "./database/test-database.ts";
import { startProcess, type TestProcess } from "./test-process.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

async function start(databases: TestDatabases, count: number, env: Readonly<Record<string, string>> = {}) {
  const url = await databases.url();
  const processes = Array.from({ length: count }, () => startProcess({ DATABASE_URL: url, ...env }));
  await Promise.all(processes.map(({ ready }) => ready));
  const { kysely } = await databases.open(url);
  let asked = 0;
  /** As a load balancer does: each request goes to the next one. */
  const ask: TestProcess["ask"] = (...request) => (processes[asked++ % count] as TestProcess).ask(...request);
  const visit = (ip: string) => createTestClient({ ask: (path, init, from) => ask(path, init, from) }, ip);
  return { kysely, visit };
}

/** Answers that are alike, with how many there are. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = [status, body.code].filter(Boolean).join(" ");
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const signIn = (browser: TestClient, body: object = {}) => browser.post("/login", { ...ada, ...body });

/** The first token of a sign-in, shown by all over four processes. */
async function refreshAtOnce(databases: TestDatabases, count: number, graceSeconds: string) {
  const { kysely, visit } = await start(databases, 4, { REFRESH_GRACE_SECONDS: graceSeconds });
  const browser = visit("203.0.113.7");
  await browser.post("/signup", ada);
  const { refreshToken } = (await signIn(browser, { tokens: true })).body;
  const answers = await Promise.all(
    Array.from({ length: count }, () => browser.post("/refresh", { refreshToken })),
  );
  const families = await kysely.selectFrom("refresh_family").select(["generation", "ended_at"]).execute();
  return { kysely, browser, families, answers };
}

describePostgres("several processes", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("exchange a refresh token once for a thousand who show it at the same time", async () => {
    const { families, answers } = await refreshAtOnce(databases, 1_000, "60");
    const successors = new Set(answers.flatMap(({ body }) => body.refreshToken ?? []));
    expect(successors.size).toBe(1);
    expect(families).toEqual([{ generation: 1, ended_at: null }]);
    // Whoever shows one token so often is stopped by a rule, which each process applies to what it sees itself; and a machine that
    // is busy has not a connection for everybody in time.
    const { 200: exchanged = 0, "403 BLOCKED": blocked = 0, "503 UNAVAILABLE": late = 0 } = tally(answers);
    expect(exchanged).toBeGreaterThan(0);
    expect(exchanged + blocked + late).toBe(1_000);
  });

  it("take a token that was exchanged for stolen, once, when nobody may show it again", async () => {
    const { kysely, browser, families, answers } = await refreshAtOnce(databases, 200, "0");
    expect(families).toEqual([{ generation: 1, ended_at: expect.any(Number) }]);
    // The one that it was exchanged for may still meet a machine that is too busy to answer.
    const { 200: exchanged = 0, ...refused } = tally(answers);
    expect(exchanged).toBeLessThan(2);
    const expected = ["401 REFRESH_TOKEN_REUSED", "401 SESSION_ENDED", "503 UNAVAILABLE"];
    expect(expected).toEqual(expect.arrayContaining(Object.keys(refused)));
    expect(refused[expected[0] as string]).toBeGreaterThan(0);
    expect((await browser.get("/me")).status).toBe(401);
    const mails = await kysely.selectFrom("mail_outbox").select("template").execute();
    expect(mails.filter(({ template }) => template === "refresh-token-reuse")).toHaveLength(1);
  });

  it("take a backup code, a code of an app, and the answer to a passkey's challenge once", async () => {
    const { visit } = await start(databases, 2);
    await takeCodesOnce(visit);
    await takePasskeyOnce(visit);
  });
});

type Visit = Awaited<ReturnType<typeof start>>["visit"];

async function takeCodesOnce(visit: Visit): Promise<void> {
  const owner = visit("203.0.113.7");
  await owner.post("/signup", ada);
  const { body } = await owner.post("/two-factor/enable", { password: ada.password });
  const { totpURI = "", backupCodes = [] } = body;
  const app = createAuthenticator(totpURI);
  const first = await owner.post("/two-factor/verify-totp", { code: await app.code() });
  expect(first.status).toBe(200);
  for (const [path, code] of [
    ["/two-factor/verify-backup-code", backupCodes[0]],
    ["/two-factor/verify-totp", await app.code(1)],
  ] as const) {
    const browsers = Array.from({ length: 6 }, (_, i) => visit(`198.51.100.${i}`));
    for (const one of browsers) expect((await signIn(one)).body.twoFactorRedirect).toBe(true);
    const answers = await Promise.all(browsers.map((one) => one.post(path, { code })));
    expect(tally(answers)).toMatchObject({ 200: 1 });
    expect(answers.every(({ status }) => [200, 401, 409].includes(status))).toBe(true);
  }
}

async function takePasskeyOnce(visit: Visit): Promise<void> {
  const owner = visit("203.0.113.9");
  await owner.post("/signup", { ...ada, email: "grace@example.com" });
  const passkey = newPasskey();
  expect((await register(owner, passkey)).status).toBe(200);
  const browser = visit("203.0.113.8");
  const response = passkey.get(await challengeFor(browser, "/passkey/generate-authenticate-options"));
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => browser.post("/passkey/verify-authentication", { response })),
  );
  expect(tally(answers)).toEqual({ 200: 1, "400 CHALLENGE_NOT_FOUND": 5 });
}
