// Deletes old mails that were written to files: each is somebody's letter, and may hold a link into an account.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JobContext } from "../jobs/job.ts";

/** Files are for a server that is being tried out. */
const keptMs = 7 * 24 * 60 * 60_000;

/** The name as the file transport gives it, `.part` when it was killed in the midst: the time stands first. */
const fileName = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-.*\.eml(?:\.part)?$/;

/** @param directory may not be there: then no mail was ever written */
export async function deleteOldMailFiles(
  directory: string,
  { dryRun, now, progress }: Pick<JobContext, "dryRun" | "now" | "progress">,
): Promise<void> {
  await progress({ files: 0 });
  for (const name of await namesIn(directory)) {
    const [, year, month, day, hours, minutes, seconds, ms] = fileName.exec(name) ?? [];
    if (year === undefined) continue;
    const writtenAt = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
    if (!(writtenAt < now - keptMs)) continue;
    if (!dryRun) await rm(join(directory, name), { force: true });
    await progress({ files: 1 });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
