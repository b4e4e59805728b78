// A server that is killed while it sends: the next one sends the mail.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import type { ReadMail } from "./test-mails.ts";
import { type Answer, startSmtpServer } from "./test-smtp-server.ts";

const mainFile = new URL("../main.ts", import.meta.url).pathname;

describeDatabases("a killed server", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("loses no mail that it was sending, and the next one starts with it", async () => {
    const databaseUrl = await databases.url();
    const smtp = await startSmtpServer();
    const underWay = Promise.withResolvers<ReadMail>();
    smtp.behaviour.data = (mail) => {
      underWay.resolve(mail);
      return new Promise<Answer>(() => {});
    };

    const first = await startServer(databaseUrl, smtp.url);
    await first.signUp("ada@example.com");
    const interrupted = await underWay.promise;
    await first.kill();
    expect(smtp.mails).toEqual([]);

    const { kysely } = await databases.open(databaseUrl);
    const row = () => kysely.selectFrom("mail_outbox").select(["status", "attempts"]).execute();
    expect(await row()).toEqual([{ status: "queued", attempts: 1 }]);
    // The lease ends, without the minutes.
    await sql`update mail_outbox set next_attempt_at = 0`.execute(kysely);

    const arrived = Promise.withResolvers<ReadMail>();
    smtp.behaviour.data = (mail) => arrived.resolve(mail) as undefined;
    const second = await startServer(databaseUrl, smtp.url);
    const mail = await arrived.promise;
    expect(mail).toMatchObject({ to: ["ada@example.com"], link: interrupted.link });
    // A mail program that got both can tell.
    expect(mail.headers["message-id"]).toBe(interrupted.headers["message-id"]);
    await second.end();
    expect(await row()).toEqual([{ status: "sent", attempts: 2 }]);
    expect(smtp.mails).toHaveLength(1);
  });
});

async function startServer(databaseUrl: string, smtpUrl: string) {
  const dataDir = mkdtempSync(join(tmpdir(), "flux-test-crash-"));
  const server = spawn(process.execPath, [mainFile], {
    env: {
      ...{ PATH: process.env.PATH, PORT: "0", HOST: "127.0.0.1", DATA_DIR: dataDir },
      ...{ DATABASE_URL: databaseUrl, SMTP_URL: smtpUrl },
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = new Promise<number | null>((done) => server.once("exit", done));
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await exit;
    rmSync(dataDir, { recursive: true });
  });
  let origin = "";
  for await (const piece of server.stdout.iterator({ destroyOnReturn: false })) {
    const port = /"port":(\d+)/.exec(String(piece))?.[1];
    if (port === undefined) continue;
    origin = `http://127.0.0.1:${port}`;
    break;
  }
  server.stdout.resume();
  return {
    async signUp(email: string): Promise<void> {
      const response = await fetch(`${origin}/api/auth/signup`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-flux-client": "test" },
        body: JSON.stringify({ name: "Ada", email, password: "correct horse battery" }),
      });
      expect(response.status).toBe(200);
    },
    async kill(): Promise<void> {
      server.kill("SIGKILL");
      await exit;
    },
    async end(): Promise<void> {
      server.kill("SIGTERM");
      expect(await exit).toBe(0);
    },
  };
}
