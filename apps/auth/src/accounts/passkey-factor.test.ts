// Passkeys after a password: with an authenticator app beside them or alone, and what becomes of an account that loses them.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createAuthenticator, createTestClient, type TestClient } from "./test-clients.ts";
import { signInThere } from "./test-oidc-provider.ts";
import { challengeFor, newPasskey, type Passkey, register, signIn } from "./test-passkey-ceremonies.ts";
import { startWithProvider } from "./test-provider-app.ts";

const ada = { email: "ada@example.com", password: "correct horse battery" };
const { password } = ada;
const secondStep = "/passkey/generate-authenticate-options?step=second-factor";

async function startOn(databaseUrl: string) {
  const app = await startTestApp({ databaseUrl });
  let last = 0;
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  const owner = client();
  expect((await owner.post("/sign-up/email", { ...ada, name: "Ada" })).status).toBe(200);
  const passkey = newPasskey();
  return { ...app, client, owner, passkey, added: (await register(owner, passkey)).body };
}

/** With an authenticator app. */
async function enrolApp(owner: TestClient) {
  const { body } = await owner.post("/two-factor/enable", { password });
  const authenticator = createAuthenticator(body.totpURI ?? "");
  const proof = await owner.post("/two-factor/verify-totp", { code: await authenticator.code() });
  expect(proof.status).toBe(200);
  return { authenticator, backupCodes: body.backupCodes ?? [] };
}

async function challenged(browser: TestClient, methods: readonly string[]): Promise<TestClient> {
  const { status, body } = await browser.post("/sign-in/email", ada);
  expect([status, body.twoFactorRedirect, body.twoFactorMethods]).toEqual([200, true, methods]);
  expect((await browser.get("/second-factor")).body).toEqual({ methods });
  expect((await browser.get("/me")).status).toBe(401);
  return browser;
}

async function finish(browser: TestClient, passkey: Passkey) {
  const options = await challengeFor(browser, secondStep);
  return browser.post("/passkey/verify-authentication", { response: passkey.get(options) });
}

describeDatabases("passkeys as a second factor", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startOn(await databases.url());

  it("do after the password in place of the app's code, and end what waited for it", async () => {
    const { owner, client, passkey } = await start();
    const { authenticator } = await enrolApp(owner);
    const browser = await challenged(client(), ["totp", "passkey"]);
    const options = await challengeFor(browser, secondStep);
    expect(options).toMatchObject({
      userVerification: "required",
      allowCredentials: [{ id: passkey.get(options).id, type: "public-key" }],
    });
    const answer = await browser.post("/passkey/verify-authentication", { response: passkey.get(options) });
    expect(answer.status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: ada.email });
    await browser.post("/sign-out");
    const code = await authenticator.code(1);
    expect((await browser.post("/two-factor/verify-totp", { code })).body.code).toBe(
      "INVALID_TWO_FACTOR_COOKIE",
    );
  });

  it("are enough without an app: the password alone opens nothing any more", async () => {
    const { owner, client, passkey } = await start();
    const on = await owner.post("/two-factor/enable-passkey", { password });
    expect(on.status).toBe(200);
    expect(on.body.backupCodes).toHaveLength(10);
    expect((await owner.get("/me")).body.user).toMatchObject({ twoFactorEnabled: true });
    const browser = await challenged(client(), ["passkey"]);
    expect((await browser.post("/two-factor/verify-totp", { code: "000000" })).body.code).toBe(
      "TOTP_NOT_ENABLED",
    );
    expect((await finish(browser, passkey)).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(200);
    const lost = await challenged(client(), ["passkey"]);
    expect(
      (await lost.post("/two-factor/verify-backup-code", { code: on.body.backupCodes?.[0] })).status,
    ).toBe(200);
  });

  it("a secret that was never proved gives no codes, and an app that is added later does, with the same backup codes", async () => {
    const { owner, client } = await start();
    const { totpURI } = (await owner.post("/two-factor/enable", { password })).body;
    const unproved = createAuthenticator(totpURI ?? "");
    const { backupCodes = [] } = (await owner.post("/two-factor/enable-passkey", { password })).body;
    const thief = await challenged(client(), ["passkey"]);
    const code = await unproved.code();
    expect((await thief.post("/two-factor/verify-totp", { code })).body.code).toBe("TOTP_NOT_ENABLED");

    const app = await enrolApp(owner);
    expect(app.backupCodes).toEqual([]);
    const browser = await challenged(client(), ["totp", "passkey"]);
    expect(
      (await browser.post("/two-factor/verify-totp", { code: await app.authenticator.code(1) })).status,
    ).toBe(200);
    const lost = await challenged(client(), ["totp", "passkey"]);
    expect((await lost.post("/two-factor/verify-backup-code", { code: backupCodes[0] })).status).toBe(200);
  });

  it("are turned on with the password, by whoever has one, once", async () => {
    const { owner, client, rows } = await withRows(await start());
    expect((await client().post("/two-factor/enable-passkey", { password })).status).toBe(401);
    expect((await owner.post("/two-factor/enable-passkey", {})).body.code).toBe("INVALID_PASSWORD");
    expect((await owner.post("/two-factor/enable-passkey", { password: "wrong one" })).body.code).toBe(
      "INVALID_PASSWORD",
    );
    const other = client();
    await other.post("/sign-up/email", { ...ada, name: "Eve", email: "eve@example.com" });
    expect(await other.post("/two-factor/enable-passkey", { password })).toMatchObject({
      status: 400,
      body: { code: "PASSKEY_MISSING" },
    });
    expect(await rows()).toBe(0);
    expect((await owner.post("/two-factor/enable-passkey", { password })).status).toBe(200);
    expect((await owner.post("/two-factor/enable-passkey", { password })).body.code).toBe(
      "SECOND_FACTOR_IS_ON",
    );
  });

  it("the last one stays as long as it is all that is asked for", async () => {
    const { owner, client, passkey, added } = await start();
    await owner.post("/two-factor/enable-passkey", { password });
    const remove = () => owner.post("/passkey/delete-passkey", { id: added.id });
    expect(await remove()).toMatchObject({ status: 400, body: { code: "LAST_SECOND_FACTOR" } });
    const second = newPasskey();
    expect((await register(owner, second)).status).toBe(200);
    expect((await remove()).status).toBe(200);
    const browser = await challenged(client(), ["passkey"]);
    expect((await finish(browser, passkey)).body.code).toBe("PASSKEY_NOT_FOUND");
    expect((await owner.post("/two-factor/disable", { password })).status).toBe(200);
    const { body } = await client().post("/sign-in/email", ada);
    expect(body).toMatchObject({ user: { email: ada.email } });
  });

  it("the last one stays when all are deleted at once", async () => {
    const { owner, client, passkey, added } = await start();
    const others = [newPasskey(), newPasskey()];
    const ids = [added.id];
    for (const other of others) ids.push((await register(owner, other)).body.id);
    await owner.post("/two-factor/enable-passkey", { password });
    const answers = await Promise.all(ids.map((id) => owner.post("/passkey/delete-passkey", { id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 400]);
    const left = answers.findIndex(({ status }) => status === 400);
    expect(answers[left]?.body.code).toBe("LAST_SECOND_FACTOR");
    const browser = await challenged(client(), ["passkey"]);
    expect((await finish(browser, [passkey, ...others][left] as Passkey)).status).toBe(200);
  });

  it("are not turned on without the one that is deleted at the same time", async () => {
    const { owner, client, added } = await start();
    const [on, off] = await Promise.all([
      owner.post("/two-factor/enable-passkey", { password }),
      owner.post("/passkey/delete-passkey", { id: added.id }),
    ]);
    expect([on.status, off.status].sort()).toEqual([200, 400]);
    expect(on.body.code ?? off.body.code).toBe(on.status === 200 ? "LAST_SECOND_FACTOR" : "PASSKEY_MISSING");
    const { body } = await client().post("/sign-in/email", ada);
    expect(body.twoFactorMethods).toEqual(on.status === 200 ? ["passkey"] : undefined);
  });

  it("are turned on by one of several requests, whose backup codes are good", async () => {
    const { owner, client, rows } = await withRows(await start());
    const answers = await Promise.all(
      [1, 2, 3].map(() => owner.post("/two-factor/enable-passkey", { password })),
    );
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
      200,
      "SECOND_FACTOR_IS_ON",
      "SECOND_FACTOR_IS_ON",
    ]);
    const code = answers.find(({ status }) => status === 200)?.body.backupCodes?.[0];
    const lost = await challenged(client(), ["passkey"]);
    expect((await lost.post("/two-factor/verify-backup-code", { code })).status).toBe(200);
    expect(await rows()).toBe(1);
  });

  it("beside apps: several that are added at once leave one secret, and each is answered", async () => {
    const { owner, rows } = await withRows(await start());
    const answers = await Promise.all([1, 2, 3].map(() => owner.post("/two-factor/enable", { password })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await rows()).toBe(1);
  });

  it("are offered to nobody whose password was not right, and a passkey by itself still opens its own account", async () => {
    const { owner, client, passkey } = await start();
    await owner.post("/two-factor/enable-passkey", { password });
    for (const path of [secondStep, "/second-factor"]) {
      expect(await client().get(path)).toMatchObject({
        status: 401,
        body: { code: "INVALID_TWO_FACTOR_COOKIE" },
      });
    }
    const browser = client();
    const stranger = client();
    await stranger.post("/sign-up/email", { ...ada, name: "Eve", email: "eve@example.com" });
    const hers = newPasskey();
    await register(stranger, hers);
    await challenged(browser, ["passkey"]);
    expect((await signIn(browser, hers)).status).toBe(200);
    expect((await browser.get("/me")).body.user).toMatchObject({ email: "eve@example.com" });
    const plain = client();
    expect((await signIn(plain, passkey)).status).toBe(200);
  });

  it("do after a provider's word, too", async () => {
    const flux = await startWithProvider(await databases.url());
    const owner = flux.client();
    await owner.post("/sign-up/email", { ...ada, name: "Ada" });
    await flux.confirm(ada.email);
    const passkey = newPasskey();
    await register(owner, passkey);
    await owner.post("/two-factor/enable-passkey", { password });
    const browser = flux.client();
    const { at } = await signInThere(browser, flux.there);
    expect(new URL(at).searchParams.get("step")).toBe("second-factor");
    expect((await browser.get("/second-factor")).body).toEqual({ methods: ["passkey"] });
    expect((await finish(browser, passkey)).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(200);
  });
});

async function withRows(flux: Awaited<ReturnType<typeof startOn>>) {
  const rows = async () =>
    (await sql`select * from ${sql.table("twoFactor")}`.execute(flux.database.kysely)).rows.length;
  return { ...flux, rows };
}
