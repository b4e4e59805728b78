// The outbox: each mail is one process's at a time, comes back when that process dies, and leaves no text behind.

import { expect, it } from "vitest";
import { migrate } from "../database/migrate.ts";
import { describeDatabases, type TestDatabases } from "../database/test-database.ts";
import { runJob } from "../jobs/test-jobs.ts";
import { createMailJob } from "./mail-job.ts";
import { createOutbox, type OutboxMail, type OutboxOptions } from "./outbox.ts";
import { createOutboxReview } from "./outbox-review.ts";

const start = Date.UTC(2026, 10, 24, 10);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const mailFor = (recipient: string, key = recipient): OutboxMail => ({
  ...{ key, template: "verify-email", recipient, subject: "Hello" },
  ...{ html: "<p>secret link</p>", text: "secret link" },
});

describeDatabases("the outbox", process.env.FLUX_TEST_POSTGRES_URL, (databases: TestDatabases) => {
  async function open(options: OutboxOptions = {}) {
    const database = await databases.migrated();
    const rows = () => database.kysely.selectFrom("mail_outbox").selectAll().execute();
    const job = createMailJob({ database });
    const cleanUp = async (afterMs: number, dryRun = false) =>
      (await runJob(job, { now: start + afterMs, dryRun })).counts;
    const outbox = createOutbox(database, options);
    return { database, rows, outbox, review: createOutboxReview(database), cleanUp };
  }
  async function claimed({ outbox }: Awaited<ReturnType<typeof open>>, at = start) {
    const mail = await outbox.claim(at);
    if (!mail) throw new Error("Nothing is due.");
    return mail;
  }

  it("gives a mail to one of many that ask at the same time, on connections of their own", async () => {
    const url = await databases.url();
    const all = [await databases.open(url), await databases.open(url), await databases.open(url)];
    for (const database of all) await migrate(database);
    const outboxes = all.map((database) => createOutbox(database));
    const recipients = Array.from({ length: 20 }, (_, i) => `person${i}@example.com`);
    for (const recipient of recipients) await outboxes[0]?.add(mailFor(recipient), start);
    const taken: string[] = [];
    const takeAll = async (outbox: (typeof outboxes)[number]) => {
      for (let mail = await outbox.claim(start); mail; mail = await outbox.claim(start))
        taken.push(mail.recipient);
    };
    await Promise.all([...outboxes, ...outboxes].map(takeAll));
    expect(taken.sort()).toEqual(recipients.sort());
  });

  it("queues one mail for one event, also when it is told twice at the same time", async () => {
    const { outbox, rows } = await open();
    const results = await Promise.all([1, 2, 3].map(() => outbox.add(mailFor("ada@example.com"), start)));
    expect(results.sort()).toEqual(["known", "known", "queued"]);
    expect(await rows()).toHaveLength(1);
  });

  it("takes a mailbox for one however it is spelled, and five mails of a template an hour, fifteen a day", async () => {
    const { outbox } = await open();
    const spellings = ["a.da@example.com", "ada@example.com", "ADA+x@example.com", "ada+y@EXAMPLE.com"];
    let count = 0;
    const add = (at: number) => outbox.add(mailFor(spellings[count % 4] ?? "", `key ${count++}`), start + at);
    const hour = async (at: number) => Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => add(at)));
    for (const h of [0, 1, 2]) {
      const results = await hour(h * hourMs);
      expect(results.filter((result) => result === "queued")).toHaveLength(5);
      expect(results.filter((result) => result === "too-many")).toHaveLength(2);
    }
    expect(await add(3 * hourMs - 1)).toBe("too-many");
    expect(await add(dayMs)).toBe("queued");
    expect(await outbox.add(mailFor("bob@example.com"), start)).toBe("queued");
    expect(await outbox.add({ ...mailFor("ada@example.com", "other"), template: "new-device" }, start)).toBe(
      "queued",
    );
  });

  it("gives out what tells operators of an attack before the mails that the attack has caused", async () => {
    const { outbox } = await open();
    for (let i = 0; i < 20; i++) await outbox.add(mailFor(`person${i}@example.com`), start);
    const alert = { ...mailFor("ops@example.com"), template: "security-alert" } as const;
    await outbox.add(alert, start + minuteMs);
    expect((await outbox.claim(start + minuteMs))?.recipient).toBe("ops@example.com");
  });

  it("leaves an owner one mail an hour, however many strangers have asked for", async () => {
    const { outbox } = await open();
    let count = 0;
    const add = (at: number) => outbox.add(mailFor("ada@example.com", `key ${count++}`), start + at);
    for (let i = 0; i < 15; i++) expect(await add(Math.floor(i / 5) * hourMs)).toBe("queued");
    for (const h of [3, 4, 23]) {
      expect(await add(h * hourMs)).toBe("queued");
      expect(await add((h + 1) * hourMs - 1)).toBe("too-many");
    }
  });

  it("is full at its limit, and not after one has left", async () => {
    const flux = await open({ maxQueued: 2 });
    const add = (name: string) => flux.outbox.add(mailFor(`${name}@example.com`), start);
    expect([await add("a"), await add("b"), await add("c")]).toEqual(["queued", "queued", "full"]);
    await flux.outbox.sent(await claimed(flux), start);
    expect(await add("c")).toBe("queued");
  });

  it("gives a mail that its process left behind to the next one, after the lease and not before", async () => {
    const flux = await open({ leaseMs: minuteMs });
    await flux.outbox.add(mailFor("ada@example.com"), start);
    expect((await claimed(flux)).attempts).toBe(1);
    expect(await flux.outbox.claim(start + minuteMs - 1)).toBeUndefined();
    expect((await claimed(flux, start + minuteMs)).attempts).toBe(2);
  });

  it("does not believe a late report about a mail that somebody else has by now", async () => {
    const flux = await open({ leaseMs: minuteMs });
    await flux.outbox.add(mailFor("ada@example.com"), start);
    const late = await claimed(flux);
    const current = await claimed(flux, start + minuteMs);
    await flux.outbox.giveUp(late, "too late");
    await flux.outbox.failed(late, "too late", start + dayMs);
    expect(await flux.rows()).toMatchObject([{ status: "queued", last_error: null }]);
    await flux.outbox.sent(current, start + minuteMs);
    expect(await flux.rows()).toMatchObject([{ status: "sent" }]);
  });

  it("forgets the text as soon as a mail is sent, and a dead one's when its link no longer works", async () => {
    const flux = await open();
    await flux.outbox.add(mailFor("sent@example.com"), start);
    await flux.outbox.sent(await claimed(flux), start + 1);
    await flux.outbox.add({ ...mailFor("dead@example.com"), usefulUntil: start + hourMs }, start);
    await flux.outbox.giveUp(await claimed(flux), "refused");
    const texts = async () =>
      (await flux.rows()).map(({ status, html, text }) => [status, html, text]).sort();
    expect(await texts()).toEqual([
      ["dead", "<p>secret link</p>", "secret link"],
      ["sent", null, null],
    ]);
    expect(await flux.cleanUp(hourMs - 1)).toEqual({ texts: 0, mails: 0 });
    expect(await flux.cleanUp(hourMs, true)).toEqual({ texts: 1, mails: 0 });
    expect((await texts())[0]).toEqual(["dead", "<p>secret link</p>", "secret link"]);
    expect(await flux.cleanUp(hourMs)).toEqual({ texts: 1, mails: 0 });
    expect(await texts()).toEqual([
      ["dead", null, null],
      ["sent", null, null],
    ]);
    expect(await flux.cleanUp(29 * dayMs)).toEqual({ texts: 0, mails: 0 });
    expect(await flux.cleanUp(31 * dayMs, true)).toEqual({ texts: 0, mails: 2 });
    expect(await flux.cleanUp(31 * dayMs)).toEqual({ texts: 0, mails: 2 });
    expect(await flux.rows()).toEqual([]);
  });

  it("keeps what waits", async () => {
    const { outbox, rows, cleanUp } = await open();
    await outbox.add(mailFor("ada@example.com"), start);
    expect(await cleanUp(365 * dayMs)).toEqual({ texts: 0, mails: 0 });
    expect(await rows()).toMatchObject([{ status: "queued", text: "secret link" }]);
  });

  it("sends a dead mail once more for an operator, while its link works", async () => {
    const flux = await open();
    await flux.outbox.add({ ...mailFor("ada@example.com"), usefulUntil: start + hourMs }, start);
    const { id } = await claimed(flux);
    expect(await flux.review.retry(id, start)).toBe(false);
    await flux.outbox.giveUp(await claimed(flux, start + 300_000), "550: no");
    expect(await flux.review.list({ status: "dead" })).toMatchObject([
      { id, lastError: "550: no", retryUntil: start + hourMs },
    ]);
    expect(await flux.review.retry(id, start + hourMs)).toBe(false);
    expect(await flux.review.retry(id, start + minuteMs)).toBe(true);
    expect(await flux.review.retry(id, start + minuteMs)).toBe(false);
    expect(await flux.review.count("dead")).toBe(0);
    expect(await claimed(flux, start + minuteMs)).toMatchObject({ text: "secret link", attempts: 1 });
  });

  it("lists the newest first, page by page, without any text", async () => {
    const { outbox, review } = await open();
    for (const [i, name] of ["a", "b", "c"].entries()) {
      await outbox.add(mailFor(`${name}@example.com`), start + i);
    }
    const [c, b, ...none] = await review.list({ limit: 2 });
    expect([c?.recipient, b?.recipient, none]).toEqual(["c@example.com", "b@example.com", []]);
    expect(await review.list({ before: b?.id, status: "queued" })).toMatchObject([
      { recipient: "a@example.com" },
    ]);
    expect(JSON.stringify(await review.list({}))).not.toContain("secret");
  });
});
