// A server that is killed while it sends: the next one sends the mail.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startProcess } from "../test-process.ts";
import type { Answer } from "./test-mail-receiver.ts";
import type { ReadMail } from "./test-mails.ts";
import { startSmtpServer } from "./test-smtp-server.ts";

describeDatabases("a killed server", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("loses no mail that it was sending, and the next one starts with it", async () => {
    const databaseUrl = await databases.url();
    const smtp = await startSmtpServer();
    const underWay = Promise.withResolvers<ReadMail>();
    smtp.behaviour.data = (mail) => {
      underWay.resolve(mail);
      return new Promise<Answer>(() => {});
    };

    const first = startProcess({ DATABASE_URL: databaseUrl, SMTP_URL: smtp.url });
    await first.ready;
    const signedUp = await first.post("/api/auth/signup", {
      name: "Ada",
      email: "ada@example.com",
      password: "correct horse battery",
    });
    expect(signedUp.status).toBe(200);
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
    const second = startProcess({ DATABASE_URL: databaseUrl, SMTP_URL: smtp.url });
    const mail = await arrived.promise;
    await second.ready;
    expect(mail).toMatchObject({ to: ["ada@example.com"], link: interrupted.link });
    // A mail program that got both can tell.
    expect(mail.headers["message-id"]).toBe(interrupted.headers["message-id"]);
    expect(await second.end()).toBe(0);
    expect(await row()).toEqual([{ status: "sent", attempts: 2 }]);
    expect(smtp.mails).toHaveLength(1);
  });
});
