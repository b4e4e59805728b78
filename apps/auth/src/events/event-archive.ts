// Keeps the events of a day in a file: JSON Lines, gzip, whole or not there at all.

import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Database } from "../database/database.ts";
import { dateOf, startOf } from "../database/event-days.ts";
import type { JobContext } from "../jobs/job.ts";

export interface EventArchiveOptions {
  readonly database: Pick<Database, "kysely">;
  /** Made when it is missing, readable by its owner only. */
  readonly directory: string;
}

export interface EventArchive {
  /**
   * Resolves when the file holds every event of the day that the database has, each once, and is on the disk. An earlier file of that day is
   * kept in it: whoever was killed before all of its events were deleted had written them already.
   * @throws Error when an earlier file cannot be read: nothing may be deleted then
   */
  add(day: number, progress: JobContext["progress"]): Promise<void>;
}

interface Line {
  readonly id: string;
  /** An event, as `flux events list --json` prints it. */
  readonly text: string;
}

const readAtOnce = 200;

export function createEventArchive({ database: { kysely }, directory }: EventArchiveOptions): EventArchive {
  async function* stored(day: number, progress: JobContext["progress"]): AsyncGenerator<Line> {
    for (let after = ""; ; ) {
      const rows = await kysely
        .selectFrom("security_event")
        .select(["id", "owasp", "severity", "status", "data"])
        .where("id", ">=", startOf(day))
        .where("id", "<", startOf(day + 1))
        .where("id", ">", after)
        .orderBy("id")
        .limit(readAtOnce)
        .execute();
      for (const { id, data, ...rest } of rows) {
        const more = JSON.stringify(rest).slice(1);
        yield { id, text: `{"event":${data},${more}` };
      }
      if (rows.length < readAtOnce) return;
      after = rows.at(-1)?.id as string;
      await progress({ archived: rows.length });
    }
  }

  return {
    async add(day, progress) {
      const name = `security-events-${dateOf(day)}.jsonl.gz`;
      const file = join(directory, name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await removeLeftovers(directory, name);
      const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
      const lines = merge(written(file), stored(day, progress));
      await pipeline(
        Readable.from(textOf(lines)),
        createGzip(),
        createWriteStream(temporary, { flags: "wx", mode: 0o600, flush: true }),
      );
      // Whoever has lost the job stops here: the other one may have deleted what it has not read.
      await progress({});
      await rename(temporary, file);
      await syncDirectory(directory);
    },
  };
}

/** Of whoever was killed in the midst; one who merely stood still finds its file gone, and cannot put it in place of ours. */
async function removeLeftovers(directory: string, name: string): Promise<void> {
  for (const one of await readdir(directory)) {
    if (one.startsWith(`${name}.`) && one.endsWith(".tmp")) await rm(join(directory, one), { force: true });
  }
}

/** What a file has, in the order of the ids; nothing when there is none. */
async function* written(file: string): AsyncGenerator<Line> {
  if (!(await stat(file).catch(() => undefined))) return;
  const unpacked = createGunzip();
  const reading = pipeline(createReadStream(file), unpacked);
  // What it fails with, the loop below throws as well.
  reading.catch(() => {});
  try {
    for await (const text of linesOf(unpacked)) {
      const { event } = JSON.parse(text) as { event: { id: string } };
      yield { id: event.id, text };
    }
    await reading;
  } catch (cause) {
    throw new Error(`${file} cannot be read, so no event of its day is deleted. Move it away.`, { cause });
  }
}

/** Ended by "\n" alone: JSON may hold what `readline` takes for the end of a line, U+2028 and U+2029. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of input.setEncoding("utf8")) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Both in the order of their ids; what both have comes once. */
async function* merge(one: AsyncGenerator<Line>, other: AsyncGenerator<Line>): AsyncGenerator<Line> {
  const next = async (lines: AsyncGenerator<Line>) => {
    const { value, done } = await lines.next();
    return done ? undefined : value;
  };
  let [left, right] = [await next(one), await next(other)];
  while (left || right) {
    const isLeft = left !== undefined && (right === undefined || left.id <= right.id);
    if (isLeft && left && right?.id === left.id) right = await next(other);
    if (isLeft) {
      if (left) yield left;
      left = await next(one);
    } else {
      if (right) yield right;
      right = await next(other);
    }
  }
}

/** In pieces that are worth packing. */
async function* textOf(lines: AsyncGenerator<Line>): AsyncGenerator<string> {
  let piece = "";
  for await (const { text } of lines) {
    piece += `${text}\n`;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/** The new name, too, is on the disk only then. */
async function syncDirectory(directory: string): Promise<void> {
  const opened = await open(directory, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
