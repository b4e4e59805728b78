// One spelling for each account, and no address that only looks like another.

import { describe, expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { accountEmail } from "./email-address.ts";
import { createTestClient } from "./test-clients.ts";

describe("an account's address", () => {
  it.each([
    ["ada@example.com", "ada@example.com"],
    [" ADA@Example.COM ", "ada@example.com"],
    ["ａda＠example.com", "ada@example.com"],
    ["ada+flux@xn--bcher-kva.example", "ada+flux@xn--bcher-kva.example"],
  ])("%j is %s", (text, email) => {
    expect(accountEmail(text)).toBe(email);
  });

  it.each([
    ["a Cyrillic letter among Latin ones", "аda@example.com"],
    ["a Cyrillic letter in the domain", "ada@exаmple.com"],
    ["Greek", "αδα@example.com"],
    ["a letter without a dot", "adı@example.com"],
    ["an invisible joiner", "a\u200dda@example.com"],
    ["a turned direction", "\u202eada@example.com"],
    ["half a character", "ada\ud800@example.com"],
    ["a null byte", "ada@example.com\0"],
    ["two addresses", "ada@example.com,bob@example.com"],
    ["a quoted part", '"a da"@example.com'],
    ["no dot", "ada@localhost"],
    ["ten kilobytes", `${"a".repeat(10_000)}@example.com`],
    ["nothing", ""],
  ])("has not %s", (_what, text) => {
    expect(accountEmail(text)).toBeUndefined();
  });
});

describeDatabases("addresses", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("in another spelling are the same account; those that look like it are refused everywhere", async () => {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    const client = createTestClient(flux, "192.0.2.1");
    const password = "correct horse battery";
    const signUp = (email: string) => client.post("/sign-up/email", { name: "Ada", email, password });
    const spelling = " ＡDA@Example.com ";
    expect((await signUp(spelling)).body.user).toMatchObject({ email: "ada@example.com" });
    expect(await signUp("ada@example.com")).toMatchObject({
      status: 422,
      body: { code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" },
    });
    expect((await client.post("/sign-in/email", { email: spelling, password })).status).toBe(200);
    const lookalike = "аda@example.com";
    const refused = { status: 400, body: { code: "INVALID_EMAIL" } };
    expect(await signUp(lookalike)).toMatchObject(refused);
    expect(await client.post("/sign-in/email", { email: lookalike, password })).toMatchObject(refused);
    expect(await client.post("/request-password-reset", { email: lookalike })).toMatchObject(refused);
    expect(await client.post("/change-email", { newEmail: lookalike })).toMatchObject(refused);
  });

  it.each([
    ["a name of a kilobyte", { name: "a".repeat(1_000) }],
    ["a null byte in a name", { name: "a\0b" }],
    ["half a character in a name", { name: "a\ud800" }],
    ["half a character in a password", { password: "correct horse battery\udc00" }],
    ["a name that is no text", { name: { first: "Ada" } }],
    ["a null byte deep inside", { extra: [{ deep: ["\0"] }] }],
  ])("sign up with %s is refused, and makes no account", async (_what, odd) => {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    const client = createTestClient(flux, "192.0.2.1");
    const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    const answer = await client.post("/sign-up/email", { ...ada, ...odd });
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_FIELD" } });
    expect((await client.post("/sign-up/email", ada)).status).toBe(200);
  });
});
