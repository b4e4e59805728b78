// Providers that stall, fail or talk nonsense, and answers that are used more than once: everybody hears of it, nobody gets in.

import { expect, it, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import type { TestClient } from "./test-clients.ts";
import { comeBack, signInThere, type TestOidcFault, type TestOidcProvider } from "./test-oidc-provider.ts";
import { startWithProvider } from "./test-provider-app.ts";

// A provider that stalls is waited for.
vi.setConfig({ testTimeout: 60_000 });

const errorOf = (at: string) => new URL(at, "http://localhost:3001").searchParams.get("error");

async function leave(browser: TestClient, there: TestOidcProvider): Promise<URL> {
  const { body } = await browser.post("/sign-in/social", { provider: "acme", callbackURL: "/account" });
  return there.visit(body.url ?? "");
}

const failing: readonly TestOidcFault[] = [
  "hangs up",
  { status: 500, body: '{"error":"server_error"}' },
  { status: 400, body: '{"error":"invalid_grant"}' },
  { status: 302, body: "" },
  { status: 200, body: "" },
  { status: 200, body: "null" },
  { status: 200, body: "<html>" },
  { status: 200, body: '{"access_token":7,"id_token":{},"token_type":"Bearer"}' },
  { status: 200, body: '{"sub":["ada-there"],"email":{},"email_verified":true}' },
];

describeDatabases("providers' faults", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const start = async () => startWithProvider(await databases.url());

  it.each([
    ["token", "/token", "invalid_code"],
    ["user-info", "/me", "unable_to_get_user_info"],
  ])("a stalling %s endpoint ends the sign-in with a code, and the next one works", async (_, path, code) => {
    const { there, client, count } = await start();
    const browser = client();
    const back = await leave(browser, there);
    there.state.faults = { [path]: "stalls" };
    const answer = await comeBack(browser, back);
    expect([answer.status, errorOf(answer.at)]).toEqual([302, code]);
    expect((await browser.get("/me")).status).toBe(401);
    expect([await count("user"), await count("session")]).toEqual([0, 0]);
    there.state.faults = {};
    expect((await signInThere(browser, there)).at).toBe("/account");
  });

  it.each(["/token", "/me"])(
    "whatever %s answers instead ends with a code, and opens nothing",
    async (path) => {
      const { there, client, count, lines } = await start();
      for (const fault of failing) {
        const browser = client();
        const back = await leave(browser, there);
        there.state.faults = { [path]: fault };
        const answer = await comeBack(browser, back);
        expect(answer.status, JSON.stringify(fault)).toBe(302);
        expect(errorOf(answer.at), JSON.stringify(fault)).toMatch(
          /^(?:invalid_code|unable_to_get_user_info|email_not_found)$/,
        );
        expect((await browser.get("/me")).status).toBe(401);
        there.state.faults = {};
      }
      expect([await count("user"), await count("account"), await count("session")]).toEqual([0, 0, 0]);
      expect(lines.filter((line) => line.includes("A request failed"))).toEqual([]);
    },
  );

  it.each(["аda@example.com", "ada@exam\0ple.com", "ada", `${"a".repeat(250)}@example.com`])(
    "an address that no sign-up would take makes no account: %j",
    async (email) => {
      const { there, client, count } = await start();
      there.state.user = { ...there.state.user, email };
      expect(errorOf((await signInThere(client(), there)).at)).toBe("email_not_found");
      expect(await count("user")).toBe(0);
    },
  );

  it("a name is kept as far as it is one", async () => {
    const { there, client } = await start();
    there.state.user = { ...there.state.user, name: `Ada\0${"a".repeat(5_000)}` };
    const browser = client();
    expect((await signInThere(browser, there)).at).toBe("/account");
    expect((await browser.get("/me")).body.user).toMatchObject({ name: `Ada${"a".repeat(197)}` });
  });

  it("an answer that one browser brings several times at once signs it in once", async () => {
    const { there, client, count } = await start();
    const browser = client();
    const back = await leave(browser, there);
    const answers = await Promise.all(Array.from({ length: 5 }, () => comeBack(browser, back)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(302));
    expect(answers.filter(({ at }) => at === "/account")).toHaveLength(1);
    for (const { at } of answers.filter((one) => one.at !== "/account")) {
      expect(errorOf(at)).toBe("state_mismatch");
    }
    expect([await count("user"), await count("account"), await count("session")]).toEqual([1, 1, 1]);
  });

  it("an answer that two browsers bring at once opens a session in the one that had left for it", async () => {
    const { there, client, count } = await start();
    const [owner, thief] = [client(), client()];
    const back = await leave(owner, there);
    // He has been there himself, so that his browser has a state, too.
    await leave(thief, there);
    const [own, stolen] = await Promise.all([comeBack(owner, back), comeBack(thief, back)]);
    expect(own.at).toBe("/account");
    expect(errorOf(stolen.at)).toBe("state_mismatch");
    expect([(await owner.get("/me")).status, (await thief.get("/me")).status]).toEqual([200, 401]);
    expect(await count("session")).toBe(1);
  });
});
