// The first mails that an owner gets, from the request that causes them to the link that works.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";

const ip = "203.0.113.7";
const ada = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };
const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const site = "http://localhost:3001";

describeDatabases("mails of accounts", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start() {
    const flux = await startTestApp({ databaseUrl: await databases.url() });
    const post = (path: string, body: object) =>
      flux.post(`/api/auth${path}`, body, ip, { "user-agent": firefox });
    expect((await post("/signup", ada)).status).toBe(200);
    return { ...flux, post };
  }

  it("sign-up asks the address to be confirmed, with a link to a page of this server that the API takes too", async () => {
    const { ask, mails, database } = await start();
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ to: [ada.email], from: "no-reply@localhost" });
    const link = new URL(mail?.link ?? "");
    expect(`${link.origin}${link.pathname}`).toBe(`${site}/verify-email`);
    expect(mail?.html).toContain(`href="${link.href}"`);
    // A stranger may have chosen the name.
    expect(`${mail?.html}${mail?.text}`).not.toContain("Ada");
    expect((await ask(`/api/auth/verify-email${link.search}`, {}, ip)).status).toBe(200);
    const { rows } = await sql`select "emailVerified" as verified from "user"`.execute(database.kysely);
    expect(rows).toEqual([{ verified: expect.toSatisfy(Boolean) }]);
  });

  it("a forgotten password is reset by the link, once, and the mail says who asked", async () => {
    const { post, mails } = await start();
    expect((await post("/request-password-reset", { email: ada.email })).status).toBe(200);
    const mail = (await mails()).at(-1);
    expect(mail?.text).toContain("Hello Ada Lovelace,");
    expect(mail?.text).toContain("Browser: Firefox on Windows");
    expect(mail?.text).toContain(`(address ${ip})`);
    const link = new URL(mail?.link ?? "");
    expect(`${link.origin}${link.pathname}`).toBe(`${site}/reset-password`);
    const token = link.searchParams.get("token");
    const reset = (newPassword: string) => post("/reset-password", { token, newPassword });
    expect((await reset("another horse battery")).status).toBe(200);
    expect((await reset("a third horse battery")).status).toBe(400);
    expect((await post("/login", { ...ada, password: "another horse battery" })).status).toBe(200);
  });

  it("somebody unknown gets the same answer, and nobody a mail", async () => {
    const { post, mails } = await start();
    const known = await post("/request-password-reset", { email: ada.email });
    const unknown = await post("/request-password-reset", { email: "nobody@example.com" });
    expect(unknown.status).toBe(known.status);
    expect(await unknown.text()).toBe(await known.text());
    expect((await mails()).map(({ to }) => to)).toEqual([[ada.email], [ada.email]]);
  });

  it("a link that works is nowhere in the database once its mail has left", async () => {
    const { post, mails, database } = await start();
    await post("/request-password-reset", { email: ada.email });
    const tokens = (await mails()).map(({ link }) => new URL(link ?? "").searchParams.get("token") ?? "");
    expect(new Set(tokens).size).toBe(2);
    for (const { name } of await database.kysely.introspection.getTables()) {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.kysely);
      for (const token of tokens) expect(JSON.stringify(rows), name).not.toContain(token);
    }
  });
});
