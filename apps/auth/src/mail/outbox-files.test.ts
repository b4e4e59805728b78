// Mails that were written to files are gone after a week, and nothing else is.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startTestApp } from "../test-app.ts";

const now = Date.UTC(2026, 0, 20, 12);
const names = {
  old: "20260113T115959999Z-a.eml",
  torn: "20251230T000000000Z-b.eml.part",
  young: "20260113T120000000Z-c.eml",
  others: "notes-of-mine.eml",
  odd: "20269999T999999999Z-d.eml",
};

it("of a running server: what is older than a week goes, and a dry run only counts", async () => {
  const clock = { now };
  const { mails, post, jobs, dataDir } = await startTestApp({
    databaseUrl: ":memory:",
    now: () => clock.now,
  });
  await post(
    "/api/auth/signup",
    { name: "Ada", email: "ada@example.com", password: "correct horse battery" },
    "192.0.2.1",
  );
  expect(await mails()).toHaveLength(1);
  const outbox = join(dataDir, "outbox");
  const [own = ""] = readdirSync(outbox);
  for (const name of Object.values(names)) writeFileSync(join(outbox, name), "");
  const run = async (dryRun: boolean) => {
    await jobs.run("mails", { dryRun });
    await jobs.idle();
    const job = (await jobs.list()).find(({ name }) => name === "mails");
    return (dryRun ? job?.lastDryRun : job?.last)?.counts;
  };
  expect(await run(true)).toMatchObject({ files: 2 });
  expect(readdirSync(outbox)).toHaveLength(6);
  expect(await run(false)).toMatchObject({ files: 2 });
  expect(readdirSync(outbox).sort()).toEqual([own, names.young, names.others, names.odd].sort());
  clock.now += 8 * 24 * 3_600_000;
  expect(await run(false)).toMatchObject({ files: 2 });
  expect(readdirSync(outbox).sort()).toEqual([names.others, names.odd].sort());
});
