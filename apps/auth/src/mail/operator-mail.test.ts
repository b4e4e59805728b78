// Mails for operators: what could not be sent is seen, without its text and its reader's address, and sent after all.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { asOperator, program, startTestApp } from "../test-app.ts";
import { startSmtpServer } from "./test-smtp-server.ts";

const ip = "203.0.113.7";
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

describeDatabases("mails for operators", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start() {
    const smtp = await startSmtpServer();
    smtp.behaviour.recipient = () => ({ code: 550, text: "No such user ada@example.com" });
    const flux = await startTestApp({ databaseUrl: await databases.url(), env: { SMTP_URL: smtp.url } });
    expect((await flux.post("/api/auth/signup", ada, ip)).status).toBe(200);
    await flux.mailer.sendDue();
    const admin = async (method: string, path: string) => {
      const init = { method, headers: { ...program, ...asOperator() } };
      const response = await flux.ask(`/api/admin/security/mail${path}`, init, ip);
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    return { ...flux, smtp, admin };
  }

  it("a dead one is listed with its reason, and sent when the operator says so, once", async () => {
    const { smtp, admin, mailer, accountKey } = await start();
    const { status, body } = await admin("GET", "?status=dead");
    expect(status).toBe(200);
    expect(body).toMatchObject({ queued: 0, dead: 1, refused: 0 });
    const { id, ...dead } = body.mails[0];
    expect(dead).toMatchObject({
      template: "verify-email",
      recipient: "a…@example.com",
      account: accountKey(ada.email),
      status: "dead",
      attempts: 1,
      lastError: expect.stringContaining("550 No such user [address]"),
    });
    expect(JSON.stringify(body)).not.toMatch(/ada@example|token=/);

    smtp.behaviour = {};
    expect(await admin("POST", `/${id}/retry`)).toEqual({ status: 200, body: { id, status: "queued" } });
    await mailer.sendDue();
    expect(smtp.mails).toMatchObject([{ to: [ada.email], subject: dead.subject }]);
    expect(await admin("POST", `/${id}/retry`)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect((await admin("GET", "?status=dead")).body).toMatchObject({ dead: 0, mails: [] });
  });

  it("the server stays ready, and does not tell strangers how many are dead", async () => {
    const { ask } = await start();
    const ready = await ask("/readyz", {}, ip);
    expect(ready.status).toBe(200);
    expect(await ready.text()).not.toMatch(/mail|dead/);
  });

  it("what is no id or no status is a mistake of the caller", async () => {
    const { admin } = await start();
    const mistakes = [
      ["GET", "?status=lost"],
      ["GET", "?limit=501"],
      ["GET", "?before=x"],
      ["POST", "/%00/retry"],
      ["POST", "/nothing/retry"],
    ] as const;
    for (const [method, path] of mistakes) {
      expect(await admin(method, path)).toMatchObject({ status: 400, body: { code: "INVALID" } });
    }
  });
});
