// Operator tokens let in who shows one, and the database holds nothing that would.

import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { createOperatorTokens } from "./operator-tokens.ts";

const start = 1_795_000_000_000;
const secret = "8Qm1vX0c2yq7WfJZr5tKp9LhNd3sGbEa";

describeDatabases("operator tokens", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function setUp() {
    const database = await databases.migrated();
    const clock = { now: start };
    return { database, clock, tokens: createOperatorTokens({ database, secret, now: () => clock.now }) };
  }

  it("let in whoever shows one, under its name", async () => {
    const { tokens } = await setUp();
    const { id, token } = await tokens.create("laptop");
    expect(token).toMatch(/^flux_[\w-]{43}$/);
    expect(await tokens.verify(token)).toEqual({ kind: "token", id, name: "laptop" });
  });

  it("are not in the database", async () => {
    const { database, tokens } = await setUp();
    const { token } = await tokens.create("laptop");
    const rows = await database.kysely.selectFrom("operator_token").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token.slice("flux_".length));
    expect(JSON.stringify(await tokens.list())).not.toContain(rows[0]?.hash);
  });

  it("that nobody made are refused", async () => {
    const { tokens } = await setUp();
    const { token } = await tokens.create("laptop");
    const other = token.slice(0, -2) + (token.endsWith("AA") ? "QQ" : "AA");
    for (const text of ["", "flux_", other, `${token}x`, token.toUpperCase(), "' or 1=1 --"]) {
      expect(await tokens.verify(text), text).toBeUndefined();
    }
  });

  it("that were revoked are refused", async () => {
    const { tokens } = await setUp();
    const { id, token } = await tokens.create("laptop");
    expect(await tokens.revoke(id)).toBe(true);
    expect(await tokens.revoke(id)).toBe(false);
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.list()).toEqual([]);
  });

  it("end at the time they were given", async () => {
    const { tokens, clock } = await setUp();
    const { token } = await tokens.create("for a day", start + 1000);
    clock.now = start + 999;
    expect(await tokens.verify(token)).toBeDefined();
    clock.now = start + 1000;
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.list()).toEqual([]);
  });

  it("are listed newest first, with their last use to the minute", async () => {
    const { tokens, clock } = await setUp();
    const { token } = await tokens.create("one");
    clock.now += 10;
    await tokens.create("two");
    await tokens.verify(token);
    clock.now += 59_999;
    await tokens.verify(token);
    expect((await tokens.list()).map(({ name, lastUsedAt }) => [name, lastUsedAt])).toEqual([
      ["two", null],
      ["one", start + 10],
    ]);
    clock.now += 1;
    await tokens.verify(token);
    expect((await tokens.list())[1]?.lastUsedAt).toBe(start + 60_010);
  });

  it("signed with the secret let the local operator in for a minute", async () => {
    const { tokens, clock } = await setUp();
    const token = signOperatorToken(secret, start);
    expect(await tokens.verify(token)).toEqual({ kind: "local", name: "local operator" });
    expect(await tokens.verify(signOperatorToken("another secret, also 32 letters", start))).toBeUndefined();
    clock.now += 60_000;
    expect(await tokens.verify(token)).toBeUndefined();
  });
});
