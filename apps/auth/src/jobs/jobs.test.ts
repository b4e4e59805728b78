// Who runs a job, how often, and whose result counts; two processes are two schedulers with connections of their own.

import { expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { JobStopped } from "./job.ts";
import { createJobs } from "./jobs.ts";
import { makeDue, startJobs, testJob } from "./test-jobs.ts";

const hourMs = 3_600_000;

describeDatabases("jobs", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function twoProcesses(): Promise<readonly [Database, Database]> {
    const url = await databases.url();
    return [await databases.migratedAt(url), await databases.open(url)];
  }

  it("of parallel claims in two processes exactly one gets the job", async () => {
    const [one, other] = await twoProcesses();
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const job = testJob(async () => {
      runs++;
      await gate.promise;
    });
    const here = startJobs(one, { jobs: [job] });
    const elsewhere = startJobs(other, { jobs: [job] });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? here : elsewhere).run("test-job", { dryRun: false })),
    );
    expect(answers.filter((answer) => answer === "running")).toHaveLength(19);
    gate.resolve();
    await Promise.all([here.idle(), elsewhere.idle()]);
    expect(runs).toBe(1);
    expect((await elsewhere.list())[0]).toMatchObject({
      last: { run: 1, outcome: "done" },
      running: undefined,
    });
  });

  it("what was missed for days is made up for once, whichever processes start", async () => {
    const [one, other] = await twoProcesses();
    let runs = 0;
    const job = testJob(async ({ progress }) => {
      runs++;
      await progress({ rows: 2 });
    });
    await startJobs(one, { jobs: [job] }).list();
    await makeDue(one);
    const [here, elsewhere] = [startJobs(one, { jobs: [job] }), startJobs(other, { jobs: [job] })];
    await Promise.all([here.start(), elsewhere.start()]);
    await expect.poll(async () => (await here.list())[0]?.last).toMatchObject({ counts: { rows: 2 } });
    const [entry] = await elsewhere.list();
    expect(entry?.nextRunAt).toBeGreaterThan(entry?.last?.startedAt ?? 0);
    expect((entry?.nextRunAt ?? 0) % hourMs).toBe(0);
    await Promise.all([here.close(), elsewhere.close()]);
    expect(runs).toBe(1);
  });

  it("the job of a process that is gone is taken over, and what the gone one says later does not count", async () => {
    const [one, other] = await twoProcesses();
    const gate = Promise.withResolvers<void>();
    let batches = 0;
    // It stands still in the midst of its first batch, and its lease is not kept up meanwhile.
    const still = testJob(async ({ progress }) => {
      await gate.promise;
      for (;;) {
        batches++;
        await progress({ rows: 1 });
      }
    });
    const gone = startJobs(one, { jobs: [still], leaseMs: 2 ** 30 });
    await gone.list();
    await makeDue(one);
    await gone.start();
    await one.kysely.updateTable("job").set({ lease_until: 0 }).execute();
    expect((await gone.list())[0]).toMatchObject({ last: { run: 1, outcome: "interrupted" } });

    const heir = startJobs(other, { jobs: [testJob(({ progress }) => progress({ rows: 7 }))] });
    await heir.start();
    await expect
      .poll(async () => (await heir.list())[0]?.last)
      .toMatchObject({ run: 2, counts: { rows: 7 } });
    gate.resolve();
    await gone.idle();
    expect(batches).toBe(1);
    expect(gone.lines.join()).toContain("another process has it");
    expect((await gone.list())[0]?.last).toMatchObject({ run: 2, outcome: "done", counts: { rows: 7 } });
  });

  it("a run that takes longer than a lease keeps it", async () => {
    const [one, other] = await twoProcesses();
    const gate = Promise.withResolvers<void>();
    const job = testJob(() => gate.promise);
    const here = startJobs(one, { jobs: [job], leaseMs: 300 });
    const elsewhere = startJobs(other, { jobs: [job], leaseMs: 300 });
    const begun = await here.run("test-job", { dryRun: false });
    const startedAt = typeof begun === "object" ? begun.startedAt : 0;
    await expect
      .poll(async () => (await one.kysely.selectFrom("job").selectAll().executeTakeFirst())?.lease_until ?? 0)
      .toBeGreaterThan(startedAt + 900);
    expect(await elsewhere.run("test-job", { dryRun: false })).toBe("running");
    gate.resolve();
  });

  it("a run that ends its process each time is begun three times, and then when it is due again", async () => {
    const database = await databases.migrated();
    const job = testJob(async () => {});
    const jobs = startJobs(database, { jobs: [job] });
    await jobs.list();
    const left = (attempts: number) =>
      database.kysely.updateTable("job").set({ attempts, lease_until: 0, running: null }).execute();
    await left(3);
    await jobs.start();
    await jobs.idle();
    expect((await jobs.list())[0]?.last).toBeUndefined();
    await left(2);
    await expect.poll(async () => (await jobs.list())[0]?.last).toMatchObject({ outcome: "done" });
  });

  it("one that fails says why, keeps what it did, and is tried again before its next time", async () => {
    const database = await databases.migrated();
    const job = testJob(async ({ progress }) => {
      await progress({ rows: 5 });
      throw new Error("The disk is full.");
    });
    const jobs = startJobs(database, { jobs: [{ ...job, schedule: "0 0 1 1 *" }], retryMs: 1_000 });
    await jobs.run("test-job", { dryRun: false });
    await jobs.idle();
    const [entry] = await jobs.list();
    expect(entry?.last).toMatchObject({ outcome: "failed", error: "The disk is full.", counts: { rows: 5 } });
    expect(entry?.last?.durationMs).toBeGreaterThanOrEqual(0);
    expect((entry?.nextRunAt ?? 0) - (entry?.last?.startedAt ?? 0)).toBeLessThan(hourMs);
    expect(jobs.lines.join()).toContain("The disk is full.");
  });

  it("one that a stop cuts off ends at its next batch, and goes on with the next start", async () => {
    const database = await databases.migrated();
    let reason: unknown;
    const endless = testJob(async ({ progress }) => {
      try {
        for (;;) await progress({ rows: 1 });
      } catch (error) {
        reason = error;
        throw error;
      }
    });
    const jobs = startJobs(database, { jobs: [endless] });
    await jobs.run("test-job", { dryRun: false });
    await jobs.close();
    expect(reason).toBeInstanceOf(JobStopped);
    const next = startJobs(database, { jobs: [testJob(async () => {})] });
    expect((await next.list())[0]?.last).toMatchObject({ run: 1, outcome: "stopped" });
    await next.start();
    await next.idle();
    expect((await next.list())[0]?.last).toMatchObject({ run: 2, outcome: "done" });
  });

  it("a dry run keeps others out, and leaves last and next run as they are", async () => {
    const database = await databases.migrated();
    const gate = Promise.withResolvers<void>();
    const job = testJob(async ({ dryRun, progress }) => {
      if (dryRun) await gate.promise;
      await progress({ rows: dryRun ? 1 : 2 });
    });
    const jobs = startJobs(database, { jobs: [job] });
    await jobs.run("test-job", { dryRun: false });
    await jobs.idle();
    const [before] = await jobs.list();
    expect(await jobs.run("test-job", { dryRun: true })).toMatchObject({ run: 2, dryRun: true });
    for (const dryRun of [true, false]) expect(await jobs.run("test-job", { dryRun })).toBe("running");
    gate.resolve();
    await jobs.idle();
    const [after] = await jobs.list();
    expect(after?.lastDryRun).toMatchObject({ run: 2, counts: { rows: 1 }, outcome: "done" });
    expect(after).toMatchObject({ nextRunAt: before?.nextRunAt, last: before?.last });
  });

  it("a schedule that was changed is the one that counts", async () => {
    const database = await databases.migrated();
    const job = testJob(async () => {});
    const [first] = await startJobs(database, { jobs: [job] }).list();
    const [changed] = await startJobs(database, { jobs: [{ ...job, schedule: "30 4 1 1 *" }] }).list();
    expect(first?.nextRunAt).not.toBe(changed?.nextRunAt);
    expect(new Date(changed?.nextRunAt ?? 0).toISOString()).toMatch(/-01-01T04:30:00/);
  });

  it("what is no schedule, or one name twice, is a mistake at once", async () => {
    const database = await databases.migrated();
    const job = testJob(async () => {});
    const create = (jobs: (typeof job)[]) =>
      createJobs({ jobs, database, logger: startJobs(database, { jobs: [] }) as never, now: Date.now });
    expect(() => create([{ ...job, schedule: "every day" }])).toThrow();
    expect(() => create([{ ...job, schedule: "0 0 31 2 *" }])).toThrow("never comes");
    expect(() => create([job, job])).toThrow("same name");
  });
});
