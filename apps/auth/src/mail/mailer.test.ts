// The mailer with a real database, a real SMTP server that misbehaves, and a clock to turn.

import { expect, it, onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { createMailer, type MailerOptions } from "./mailer.ts";
import { verifyEmail } from "./messages/sign-up.ts";
import { createOutbox } from "./outbox.ts";
import { createSmtpTransport } from "./smtp-transport.ts";
import type { Answer, MailReceiver } from "./test-mail-receiver.ts";
import { startSmtpServer } from "./test-smtp-server.ts";

const site = { name: "Flux Studio", url: "https://auth.example.com" };
const secondMs = 1_000;
const hourMs = 3_600_000;

describeDatabases("the mailer", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const clock = { now: 0 };
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const logger = {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  } as MailerOptions["logger"];

  function mailerOn(database: Database, smtp: MailReceiver, options: Partial<MailerOptions> = {}) {
    const server = {
      host: "127.0.0.1",
      port: smtp.port,
      implicitTls: false,
      tlsRequired: false,
      auth: undefined,
    };
    const transport = createSmtpTransport({ server, from: { name: "Flux", address: "flux@example.com" } });
    const mailer = createMailer({
      ...{ database, transport, site, logger, now: () => clock.now, random: () => 0.5 },
      // The tests say when.
      ...{ pollMs: hourMs, ...options },
    });
    onTestFinished(() => mailer.close(0));
    const enqueueFor = (name: string, expiresAt = clock.now + 24 * hourMs) => {
      const message = verifyEmail({ url: `${site.url}/verify-email?token=t0ken-of-${name}`, expiresAt });
      return mailer.enqueue({ to: `${name}@example.com`, message }, `verify-email:${name}`);
    };
    return { ...mailer, enqueueFor };
  }

  async function start(options: Partial<MailerOptions> = {}) {
    clock.now = Date.UTC(2026, 10, 24, 10);
    lines.length = 0;
    const database = await databases.migrated();
    const smtp = await startSmtpServer();
    return { database, smtp, mailer: mailerOn(database, smtp, options) };
  }

  it("delivers at once, and says so in the log without naming anybody", async () => {
    const { mailer, smtp } = await start();
    expect(await mailer.enqueueFor("ada")).toBe("queued");
    await mailer.sendDue();
    expect(smtp.mails).toMatchObject([{ to: ["ada@example.com"], subject: "Confirm your e-mail address" }]);
    expect(await mailer.status()).toEqual({ queued: 0, dead: 0, refused: 0 });
    expect(lines.map(({ message }) => message)).toContain("A mail was sent");
    expect(JSON.stringify(lines)).not.toMatch(/ada@|t0ken/);
  });

  it("waits when it is greylisted, longer each time, and gets through when the server is ready", async () => {
    const { mailer, smtp } = await start();
    const triedAt: number[] = [];
    const takenFrom = clock.now + 5 * 60 * secondMs;
    smtp.behaviour.recipient = () => {
      triedAt.push(clock.now);
      return clock.now < takenFrom ? { code: 451, text: "Greylisted" } : undefined;
    };
    await mailer.enqueueFor("ada");
    for (const end = clock.now + hourMs; clock.now < end; clock.now += secondMs * 10) await mailer.sendDue();
    const waits = triedAt.slice(1).map((at, i) => (at - (triedAt[i] ?? 0)) / secondMs);
    expect(waits).toEqual([30, 60, 120, 240]);
    expect(smtp.mails).toHaveLength(1);
  });

  it("gives up at once what is refused for good, for an operator to see and to send again", async () => {
    const { mailer, smtp } = await start();
    smtp.behaviour.recipient = () => ({ code: 550, text: "No such user ada@example.com" });
    await mailer.enqueueFor("ada");
    await mailer.sendDue();
    expect(await mailer.status()).toMatchObject({ queued: 0, dead: 1 });
    const [dead] = await mailer.list({ status: "dead" });
    expect(dead).toMatchObject({
      attempts: 1,
      lastError: expect.stringContaining("550 No such user [address]"),
    });
    clock.now += hourMs;
    await mailer.sendDue();
    expect(smtp.tries).toHaveLength(1);

    smtp.behaviour = {};
    expect(await mailer.retry(dead?.id ?? "")).toBe(true);
    await mailer.sendDue();
    expect(smtp.mails).toHaveLength(1);
    expect(await mailer.status()).toMatchObject({ queued: 0, dead: 0 });
  });

  it("gives up after a day, or when the link in it has ended", async () => {
    const { mailer, smtp } = await start();
    smtp.behaviour.recipient = () => ({ code: 451, text: "Later" });
    await mailer.enqueueFor("ada");
    await mailer.enqueueFor("bob", clock.now + hourMs);
    const deadAfterHours = new Map<string, number>();
    for (let hour = 0; hour <= 25; hour++) {
      await mailer.sendDue();
      for (const { recipient } of await mailer.list({ status: "dead" })) {
        if (!deadAfterHours.has(recipient)) deadAfterHours.set(recipient, hour);
      }
      clock.now += hourMs;
    }
    expect(deadAfterHours.get("bob@example.com")).toBe(1);
    expect(deadAfterHours.get("ada@example.com")).toBeGreaterThan(20);
    expect(deadAfterHours.get("ada@example.com")).toBeLessThanOrEqual(24);
  });

  it("tries a few mails and not all of them while the server is away, and all when it is back", async () => {
    const { database, mailer, smtp } = await start();
    smtp.behaviour.connect = () => ({ code: 421, text: "Down" });
    const outbox = createOutbox(database);
    for (let i = 0; i < 30; i++) {
      const recipient = `person${i}@example.com`;
      const texts = { subject: "Hello", html: "<p>Hello</p>", text: "Hello" };
      await outbox.add({ ...texts, key: recipient, template: "verify-email", recipient }, clock.now);
    }
    await mailer.sendDue();
    const tried = (await mailer.list()).filter(({ attempts }) => attempts > 0);
    // One for each of the connections that there may be.
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.length).toBeLessThanOrEqual(3);
    smtp.behaviour = {};
    clock.now += hourMs;
    await mailer.sendDue();
    expect(new Set(smtp.mails.map(({ to }) => to[0])).size).toBe(30);
    expect(smtp.mails).toHaveLength(30);
  });

  it("sends each mail once when two processes have the same outbox", async () => {
    const { database, mailer, smtp } = await start();
    const other = mailerOn(database, smtp);
    smtp.behaviour.connect = () => ({ code: 421, text: "Down" });
    for (let i = 0; i < 20; i++) await (i % 2 ? mailer : other).enqueueFor(`person${i}`);
    await Promise.all([mailer.sendDue(), other.sendDue()]);
    smtp.behaviour = {};
    clock.now += hourMs;
    await Promise.all([mailer.sendDue(), other.sendDue(), mailer.sendDue()]);
    expect(smtp.mails.map(({ to }) => to[0]).sort()).toEqual(
      Array.from({ length: 20 }, (_, i) => `person${i}@example.com`).sort(),
    );
  });

  it("leaves a stalled server after its time, and the mail is sent later", async () => {
    const { database, mailer, smtp } = await start({ sendTimeoutMs: 200 });
    smtp.behaviour.data = () => new Promise<Answer>(() => {});
    await mailer.enqueueFor("ada");
    await mailer.sendDue();
    expect(await mailer.list()).toMatchObject([
      { status: "queued", attempts: 1, lastError: expect.any(String) },
    ]);
    smtp.behaviour = {};
    clock.now += hourMs;
    // With more patience: a busy machine takes longer than that to take a mail.
    await mailerOn(database, smtp).sendDue();
    expect(smtp.mails).toHaveLength(1);
  });

  it("is closed in time though the server stalls, and the mail is sent after the next start", async () => {
    const { database, mailer, smtp } = await start();
    const reached = Promise.withResolvers<void>();
    smtp.behaviour.data = () => {
      reached.resolve();
      return new Promise<Answer>(() => {});
    };
    await mailer.enqueueFor("ada");
    await reached.promise;
    await mailer.close(0);
    smtp.behaviour = {};
    clock.now += hourMs;
    await mailerOn(database, smtp).sendDue();
    expect(smtp.mails).toHaveLength(1);
  });

  it("finishes what is posted and being sent when it is closed", async () => {
    const { mailer, smtp } = await start();
    const message = verifyEmail({ url: `${site.url}/verify-email?token=x`, expiresAt: clock.now + hourMs });
    mailer.post({ to: "ada@example.com", message }, "posted");
    await mailer.close();
    expect(smtp.mails).toMatchObject([{ to: ["ada@example.com"] }]);
  });

  it("refuses what is no address, and counts it", async () => {
    const { mailer, smtp } = await start();
    const message = verifyEmail({ url: `${site.url}/x?token=x`, expiresAt: clock.now + hourMs });
    for (const to of [
      "",
      "ada",
      "a@b.example, c@d.example",
      "a@b.example\r\nBcc: c@d.example",
      "<a@b.example>",
    ]) {
      expect(await mailer.enqueue({ to, message }, to)).toBe("no-address");
    }
    await mailer.sendDue();
    expect(smtp.tries).toEqual([]);
    expect((await mailer.status()).refused).toBe(5);
  });

  it("keeps a thousand posted mails in memory at most while the database does not come after", async () => {
    const { mailer } = await start();
    const message = verifyEmail({ url: `${site.url}/x?token=x`, expiresAt: clock.now + hourMs });
    for (let i = 0; i < 1_500; i++) mailer.post({ to: "no address", message }, `key ${i}`);
    expect((await mailer.status()).refused).toBeGreaterThanOrEqual(500);
    await mailer.sendDue();
    expect((await mailer.status()).refused).toBe(1_500);
  });
});
