// Second factor: enrolment, sign-in in two steps, one use of each code, and guesses that run out.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createAuthenticator, createTestClient, type TestClient } from "./test-clients.ts";

const ada = { email: "ada@example.com", password: "correct horse battery" };

async function startOn(databaseUrl: string) {
  const app = await startTestApp({ databaseUrl });
  let last = 0;
  /** Each at an address of its own. */
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  return { ...app, client };
}
type Flux = Awaited<ReturnType<typeof startOn>>;

/** Ada, with an authenticator whose first code is used up by proving that it works. */
async function enrol({ client }: Flux) {
  const owner = client();
  expect((await owner.post("/sign-up/email", { ...ada, name: "Ada" })).status).toBe(200);
  const enabled = await owner.post("/two-factor/enable", { password: ada.password });
  expect(enabled.status).toBe(200);
  const authenticator = createAuthenticator(enabled.body.totpURI ?? "");
  const proof = await owner.post("/two-factor/verify-totp", { code: await authenticator.code() });
  expect(proof.status).toBe(200);
  return { owner, authenticator, backupCodes: enabled.body.backupCodes ?? [] };
}

/** The first step: a right password. */
async function challenge(browser: TestClient): Promise<TestClient> {
  const answer = await browser.post("/sign-in/email", ada);
  expect(answer).toMatchObject({
    status: 200,
    body: { twoFactorRedirect: true, twoFactorMethods: ["totp"] },
  });
  expect((await browser.get("/me")).status).toBe(401);
  return browser;
}

describeDatabases("second factor", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("is asked for after the password, and a code of the app opens the session", async () => {
    const flux = await start();
    const { authenticator } = await enrol(flux);
    const browser = await challenge(flux.client());
    const code = await authenticator.code(1);
    expect((await browser.post("/two-factor/verify-totp", { code })).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
  });

  it("a code works once, whoever is second with it", async () => {
    const flux = await start();
    const { authenticator } = await enrol(flux);
    const browsers = [await challenge(flux.client()), await challenge(flux.client())];
    const code = await authenticator.code(1);
    const answers = await Promise.all(browsers.map((one) => one.post("/two-factor/verify-totp", { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(answers.find(({ status }) => status === 401)?.body.code).toBe("INVALID_CODE");
    const late = await challenge(flux.client());
    // An earlier one is worth no more.
    for (const old of [code, await authenticator.code()]) {
      expect((await late.post("/two-factor/verify-totp", { code: old })).body.code).toBe("INVALID_CODE");
    }
  });

  it("a backup code works once, and a second use in parallel is refused", async () => {
    const flux = await start();
    const { backupCodes } = await enrol(flux);
    expect(backupCodes).toHaveLength(10);
    const browsers = [await challenge(flux.client()), await challenge(flux.client())];
    const answers = await Promise.all(
      browsers.map((one) => one.post("/two-factor/verify-backup-code", { code: backupCodes[0] })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((one) => one.status !== 200)) {
      expect([401, 409]).toContain(status);
      expect(body.code).toMatch(/^[A-Z_]+$/);
    }
    const other = await challenge(flux.client());
    expect((await other.post("/two-factor/verify-backup-code", { code: backupCodes[0] })).body.code).toBe(
      "INVALID_BACKUP_CODE",
    );
    expect((await other.post("/two-factor/verify-backup-code", { code: backupCodes[1] })).status).toBe(200);
  });

  it("neither secret nor backup codes can be read from the database, and a stolen hash is no code", async () => {
    const flux = await start();
    const { authenticator, backupCodes } = await enrol(flux);
    const { rows } = await sql<{
      secret: string;
      backupCodes: string;
    }>`select * from ${sql.table("twoFactor")}`.execute(flux.database.kysely);
    const stored = JSON.stringify(rows);
    for (const secret of [authenticator.secret, ...backupCodes]) expect(stored).not.toContain(secret);
    const [hash] = JSON.parse(rows[0]?.backupCodes ?? "[]");
    expect(hash).toMatch(/^hmac:/);
    const thief = await challenge(flux.client());
    expect((await thief.post("/two-factor/verify-backup-code", { code: hash })).body.code).toBe(
      "INVALID_BACKUP_CODE",
    );
  });

  it.each([
    ["/two-factor/verify-totp", "000000"],
    ["/two-factor/verify-backup-code", "aaaaa-aaaaa"],
  ])("%s: five wrong codes block the address", async (path, code) => {
    const flux = await start();
    await enrol(flux);
    const browser = await challenge(flux.client());
    for (let i = 0; i < 5; i++) expect((await browser.post(path, { code })).status).toBe(401);
    expect(await browser.post(path, { code })).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
  });

  it("a right password does not clear the failures at the second step", async () => {
    const flux = await start();
    await enrol(flux);
    const browser = flux.client();
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const { body } = await browser.post("/sign-in/email", ada);
      codes.push(body.code ?? (await browser.post("/two-factor/verify-totp", { code: "000000" })).body.code);
    }
    expect(codes).toEqual([...Array(5).fill("INVALID_CODE"), "BLOCKED"]);
  });

  it("guesses from many addresses run out, while the owner's device goes on", async () => {
    const flux = await start();
    const { owner, authenticator } = await enrol(flux);
    const strangers = [];
    for (let i = 0; i < 4; i++) strangers.push(await challenge(flux.client()));
    const codes: (string | undefined)[] = [];
    for (const stranger of strangers) {
      for (let i = 0; i < 3; i++) {
        codes.push((await stranger.post("/two-factor/verify-totp", { code: "000000" })).body.code);
      }
    }
    expect(codes).toEqual([...Array(10).fill("INVALID_CODE"), "THROTTLED", "THROTTLED"]);
    await owner.post("/sign-out");
    await challenge(owner);
    const code = await authenticator.code(1);
    expect((await owner.post("/two-factor/verify-totp", { code })).status).toBe(200);
  });

  it("a hundred wrong codes in a row close it for everybody, even when the guard lets them through", async () => {
    const flux = await start();
    const { authenticator } = await enrol(flux);
    const browser = await challenge(flux.client());
    const failures = sql`update ${sql.table("twoFactor")} set "failedVerificationCount" = 99`;
    await failures.execute(flux.database.kysely);
    const codes: (string | undefined)[] = [];
    for (const code of ["000000", await authenticator.code(1)]) {
      codes.push((await browser.post("/two-factor/verify-totp", { code })).body.code);
    }
    expect(codes).toEqual(["INVALID_CODE", "ACCOUNT_TEMPORARILY_LOCKED"]);
  });

  it("no device is excused from it", async () => {
    const flux = await start();
    const { authenticator } = await enrol(flux);
    const browser = await challenge(flux.client());
    const code = await authenticator.code(1);
    expect((await browser.post("/two-factor/verify-totp", { code, trustDevice: true })).status).toBe(200);
    await browser.post("/sign-out");
    await challenge(browser);
  });

  it("is switched off with the password, which is counted like any other", async () => {
    const flux = await start();
    const { owner } = await enrol(flux);
    for (let i = 0; i < 5; i++) {
      const answer = await owner.post("/two-factor/disable", { password: "wrong password" });
      expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_PASSWORD" } });
    }
    const refused = await owner.post("/two-factor/disable", { password: ada.password });
    expect(refused).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
  });
});
