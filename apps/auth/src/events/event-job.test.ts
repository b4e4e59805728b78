// Old security events: gone by whole days, and archived before, however often and wherever the job is cut off.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { SecurityEvent } from "@fluxstudio/guard";
import { createLogger } from "@fluxstudio/telemetry";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { JobStopped } from "../jobs/job.ts";
import { runJob } from "../jobs/test-jobs.ts";
import { createEventArchive } from "./event-archive.ts";
import { createEventJob } from "./event-job.ts";
import { createEventPartitions } from "./event-partitions.ts";
import { createEventStore } from "./event-store.ts";
import { detection, securityEvent } from "./test-event.ts";

const dayMs = 24 * 3_600_000;
/** The day whose events are the last to go, 90 days before `now`. */
const lastDay = Date.UTC(2026, 7, 26);
const now = lastDay + 91 * dayMs;

describeDatabases("old security events", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  /** 600 events on each of two old days, one of them with a table of its own; and one of the first day that is kept. */
  async function start() {
    const database = await databases.migrated();
    const logger = createLogger({ level: "silent" });
    const partitions = createEventPartitions({ database, logger, now: () => lastDay + dayMs });
    await partitions.makeAhead();
    const store = createEventStore(database, { logger });
    onTestFinished(() => store.close());
    const old = [lastDay - 20 * dayMs, lastDay].flatMap((day) =>
      Array.from({ length: 600 }, (_, i) =>
        // What others take for the end of a line ends none here.
        securityEvent(
          { at: day + i * 144_000, path: i === 7 ? "/one\u2028two\u2029three" : "/" },
          i % 10 === 0 ? { detections: [detection, detection] } : {},
        ),
      ),
    );
    const young = securityEvent({ at: lastDay + dayMs }, { detections: [detection] });
    for (const event of [...old, young]) void store.write(event);
    await store.flush();
    const directory = mkdtempSync(join(tmpdir(), "flux-test-archive-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    return { database, old, young, directory: join(directory, "events") };
  }

  const countsOf = async ({ kysely }: Database) => {
    const { rows } = await sql<{ events: number; detections: number }>`
      select (select count(*) from security_event) as events,
        (select count(*) from security_detection) as detections`.execute(kysely);
    return rows[0];
  };
  const all = { events: 1_201, detections: 241 };
  const onlyYoung = { events: 1, detections: 1 };
  const gone = { events: 1_200, detections: 240 };

  /** Every archived event, in the order of the files and lines. */
  function archived(directory: string): SecurityEvent[] {
    return readdirSync(directory)
      .sort()
      .flatMap((name) =>
        gunzipSync(readFileSync(join(directory, name)))
          .toString()
          .split("\n"),
      )
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).event);
  }

  it("go by whole days with their detections, and a dry run only counts them", async () => {
    const { database } = await start();
    const job = createEventJob({ database, keptMs: 90 * dayMs });
    expect((await runJob(job, { now: now - 1, dryRun: true })).counts.events).toBe(600);
    expect((await runJob(job, { now, dryRun: true })).counts.events).toBe(gone.events);
    expect(await countsOf(database)).toEqual(all);
    const { counts, largest } = await runJob(job, { now });
    expect(counts).toEqual(gone);
    expect(await countsOf(database)).toEqual(onlyYoung);
    // PostgreSQL drops a day that has a table, at the cost of none of its rows.
    expect(largest).toBeLessThanOrEqual(database.dialect === "postgres" ? 600 : 200);
    expect((await runJob(job, { now })).counts).toEqual({ events: 0, detections: 0 });
    if (database.dialect === "sqlite") return;
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relname ~ '_2026\\d+$' and relkind = 'r' order by 1`.execute(
      database.kysely,
    );
    const names = rows.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith("20260826"))).toEqual([]);
    expect(names.filter((name) => name.endsWith("20260827"))).toHaveLength(2);
  });

  it("are in one file a day before they go, whole, for their owner only", async () => {
    const { database, directory, old } = await start();
    const archive = createEventArchive({ database, directory });
    await runJob(createEventJob({ database, keptMs: 90 * dayMs, archive }), { now });
    expect(await countsOf(database)).toEqual(onlyYoung);
    expect(readdirSync(directory).sort()).toEqual([
      "security-events-2026-08-06.jsonl.gz",
      "security-events-2026-08-26.jsonl.gz",
    ]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "security-events-2026-08-06.jsonl.gz")).mode & 0o777).toBe(0o600);
    expect(archived(directory)).toEqual(JSON.parse(JSON.stringify(old)));
  });

  it("are neither lost nor archived twice, wherever a run is cut off and begun again", async () => {
    const { database, directory, old } = await start();
    const archive = createEventArchive({ database, directory });
    const job = createEventJob({ database, keptMs: 90 * dayMs, archive });
    const ids = old.map(({ id }) => id).sort();
    const inDatabase = async () =>
      (await database.kysely.selectFrom("security_event").select("id").execute()).map(({ id }) => id);
    mkdirSync(directory);
    let cuts = 0;
    for (let isDone = false; !isDone; cuts++) {
      // Each run gets one step further than the one before, so that each place is met.
      let steps = cuts % 12;
      const progress = async () => {
        if (steps-- === 0) throw new JobStopped("closing");
      };
      const context = { dryRun: false, now, progress, signal: new AbortController().signal };
      const end = await job.run(context).catch((error: unknown) => error);
      if (end !== undefined) expect(end).toBeInstanceOf(JobStopped);
      isDone = end === undefined;
      const whole = readdirSync(directory, { withFileTypes: true }).filter(({ name }) =>
        name.endsWith(".gz"),
      );
      const kept = whole.flatMap(({ name }) =>
        gunzipSync(readFileSync(join(directory, name)))
          .toString()
          .trimEnd()
          .split("\n"),
      );
      const inFiles = kept.map((line) => JSON.parse(line).event.id);
      expect(new Set(inFiles).size).toBe(inFiles.length);
      expect([...new Set([...inFiles, ...(await inDatabase())])].sort().slice(0, ids.length)).toEqual(ids);
    }
    expect(cuts).toBeGreaterThan(3);
    expect(await countsOf(database)).toEqual(onlyYoung);
    expect(archived(directory).map(({ id }) => id)).toEqual(ids);
    // What was begun is not left lying about.
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it("stay when their archive cannot be written, or an earlier file of the day cannot be read", async () => {
    const { database, directory } = await start();
    const archive = createEventArchive({ database, directory });
    const job = createEventJob({ database, keptMs: 90 * dayMs, archive });
    writeFileSync(directory, "a file where the directory should be");
    await expect(runJob(job, { now })).rejects.toThrow();
    rmSync(directory);
    await archive.add(0, async () => {});
    for (const day of ["2026-08-06", "2026-08-26"])
      writeFileSync(join(directory, `security-events-${day}.jsonl.gz`), "no gzip");
    await expect(runJob(job, { now })).rejects.toThrow("cannot be read");
    expect(await countsOf(database)).toEqual(all);
  });
});
