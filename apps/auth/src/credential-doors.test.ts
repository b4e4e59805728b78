// At every door that checks a secret, wrong ones are counted: five get an answer, the sixth none.

import { secretChecks as betterAuthChecks } from "@fluxstudio/guard/better-auth";
import { expect, it, vi } from "vitest";
import {
  type Answer,
  createAuthenticator,
  createTestClient,
  type TestClient,
} from "./accounts/test-clients.ts";
import { createTestPasskey } from "./accounts/test-passkey.ts";
import { describeDatabases } from "./database/test-database.ts";
import { ownChecks } from "./own-checks.ts";
import { startTestApp } from "./test-app.ts";

vi.setConfig({ testTimeout: 120_000 });

const secretChecks: typeof betterAuthChecks = { ...betterAuthChecks, ...ownChecks };

const password = "correct horse battery";
const wrong = "another horse battery";

/** One wrong guess. */
type Guess = (browser: TestClient, email: string) => Promise<Answer>;

const ownPassword =
  (path: string, more: object = {}): Guess =>
  (browser) =>
    browser.post(path, { password: wrong, ...more });
/** In a browser that has nothing but a right password. */
const secondStep =
  (path: string, code: string): Guess =>
  async (browser, email) => {
    await browser.post("/sign-out");
    const first = await browser.post("/sign-in/email", { email, password });
    return first.status === 200 ? browser.post(path, { code }) : first;
  };

/** By the path of the guard's table; each in a session of an account that has a second factor. */
const guesses: { readonly [path: string]: Guess } = {
  "/sign-in/email": (browser, email) => browser.post("/sign-in/email", { email, password: wrong }),
  "/change-password": (browser) =>
    browser.post("/change-password", { currentPassword: wrong, newPassword: "a third horse battery" }),
  "/verify-password": ownPassword("/verify-password"),
  "/delete-user": ownPassword("/delete-user"),
  "/delete-user/callback": (browser) => browser.get("/delete-user/callback?token=wrong"),
  "/reset-password": (browser) => browser.post("/reset-password", { token: "wrong", newPassword: wrong }),
  "/reset-password/:token": (browser) => browser.get("/reset-password/wrong?callbackURL=/reset-password"),
  "/not-me": (browser) => browser.post("/not-me", { token: "wrong" }),
  "/unlock": (browser) => browser.post("/unlock", { token: "wrong" }),
  "/verify-email": (browser) => browser.get("/verify-email?token=wrong"),
  "/two-factor/enable": ownPassword("/two-factor/enable"),
  "/two-factor/enable-passkey": ownPassword("/two-factor/enable-passkey"),
  "/two-factor/disable": ownPassword("/two-factor/disable"),
  "/two-factor/get-totp-uri": ownPassword("/two-factor/get-totp-uri"),
  "/two-factor/generate-backup-codes": ownPassword("/two-factor/generate-backup-codes"),
  "/two-factor/verify-totp": secondStep("/two-factor/verify-totp", "000000"),
  "/two-factor/verify-backup-code": secondStep("/two-factor/verify-backup-code", "aaaaa-aaaaa"),
  async "/passkey/verify-authentication"(browser) {
    const { body } = await browser.get("/passkey/generate-authenticate-options");
    const passkey = createTestPasskey({ origin: "http://localhost:3001", rpId: "localhost" });
    const response = passkey.get({ challenge: String(body.challenge) });
    return browser.post("/passkey/verify-authentication", { response });
  },
};

/** The code of a refusal, which a redirect carries in its address. */
const codeOf = ({ body, headers }: Answer): string | null | undefined =>
  body.code ?? new URL(headers.get("location") ?? "", "http://localhost").searchParams.get("error");

it("every door at which something can be guessed is in this table", () => {
  const guessable = Object.entries(secretChecks).filter(([, check]) => check.wrong.length > 0);
  expect(Object.keys(guesses).sort()).toEqual(guessable.map(([path]) => path).sort());
});

describeDatabases("wrong secrets", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("are counted at every door, and the sixth is refused", async () => {
    const app = await startTestApp({ databaseUrl: await databases.url() });
    let last = 0;
    for (const [path, guess] of Object.entries(guesses)) {
      const browser = createTestClient(app, `192.0.2.${++last}`);
      const email = `ada${last}@example.com`;
      expect((await browser.post("/sign-up/email", { name: "Ada", email, password })).status).toBe(200);
      const { body } = await browser.post("/two-factor/enable", { password });
      const code = await createAuthenticator(body.totpURI ?? "").code();
      expect((await browser.post("/two-factor/verify-totp", { code })).status).toBe(200);

      const codes: unknown[] = [];
      for (let i = 0; i < 6; i++) codes.push(codeOf(await guess(browser, email)));
      const told = secretChecks[path]?.wrong ?? [];
      for (const one of codes.slice(0, 5)) expect(told, `${path}: ${codes}`).toContain(one);
      expect(codes[5], path).toBe("BLOCKED");
    }
  });
});
