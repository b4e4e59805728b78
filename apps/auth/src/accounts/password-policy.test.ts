// Which new passwords are taken, at each endpoint that sets one.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { findPasswordProblem } from "./password-policy.ts";
import { createTestClient } from "./test-clients.ts";

const problem = async (password: string, minLength = 8) =>
  (await findPasswordProblem(password, "ada.lovelace@example.com", { minLength }))?.code;

it("length is counted in characters, not in what encodings make of them", async () => {
  expect(await problem("kx7pqwv")).toBe("PASSWORD_TOO_SHORT");
  expect(await problem("kx7pqwvm")).toBeUndefined();
  expect(await problem("🐎🔋📎🐎")).toBe("PASSWORD_TOO_SHORT");
  expect(await problem("🐎🔋📎🐎🌂🎺🧭🛶")).toBeUndefined();
  expect(await problem("kx7pqwvmkx7pqw", 15)).toBe("PASSWORD_TOO_SHORT");
});

it("no kind of character is asked for or kept out", async () => {
  for (const password of [
    "correct horse battery",
    "     kühl  im  keller",
    "48151623427295",
    "zzqzzqzzqzzq",
  ]) {
    expect(await problem(password)).toBeUndefined();
  }
});

it("what everybody tries first is refused in any case, and so is the account's own name", async () => {
  for (const password of ["password123", "Password123", "ILOVEYOU1", "ｐａｓｓｗｏｒｄ１２３"]) {
    expect(await problem(password)).toBe("PASSWORD_COMMON");
  }
  for (const password of ["ada.lovelace", "Ada.Lovelace", "my ada.lovelace@example.com!"]) {
    expect(await problem(password)).toBe("PASSWORD_CONTAINS_EMAIL");
  }
});

describeDatabases("new passwords", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => {
    const app = await startTestApp({ databaseUrl: await databases.url() });
    return createTestClient(app, "192.0.2.1");
  };

  it("are looked at when somebody signs up or changes the password", async () => {
    const browser = await start();
    const signUp = (password: string) =>
      browser.post("/sign-up/email", { name: "Ada", email: "ada.lovelace@example.com", password });
    expect(await signUp("short")).toMatchObject({ status: 400, body: { code: "PASSWORD_TOO_SHORT" } });
    expect(await signUp("password123")).toMatchObject({ status: 400, body: { code: "PASSWORD_COMMON" } });
    expect(await signUp("x".repeat(129))).toMatchObject({ status: 400, body: { code: "PASSWORD_TOO_LONG" } });
    expect(await signUp("correct horse battery")).toMatchObject({ status: 200 });
    const change = (newPassword: string) =>
      browser.post("/change-password", { currentPassword: "correct horse battery", newPassword });
    expect(await change("Password123")).toMatchObject({ status: 400, body: { code: "PASSWORD_COMMON" } });
    expect(await change("ada.lovelace")).toMatchObject({ body: { code: "PASSWORD_CONTAINS_EMAIL" } });
    expect(await change("better horse battery")).toMatchObject({ status: 200 });
  });

  it("that are typed with other code points for the same characters are the same password", async () => {
    const browser = await start();
    const account = { email: "ada@example.com", name: "Ada" };
    const composed = "caf\u00e9 au lait, s'il vous pla\u00eet";
    expect((await browser.post("/sign-up/email", { ...account, password: composed })).status).toBe(200);
    const decomposed = composed.normalize("NFD");
    expect(decomposed).not.toBe(composed);
    const signIn = await browser.post("/sign-in/email", { email: account.email, password: decomposed });
    expect(signIn.status).toBe(200);
    const other = await browser.post("/sign-in/email", { email: account.email, password: "cafe au lait" });
    expect(other.status).toBe(401);
  });
});
