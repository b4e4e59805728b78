// `flux replay`: what the rules would have detected and blocked in a log.

import { createPlaceLookup, defaultPlaceDatabase, type GuardError } from "@fluxstudio/guard";
import {
  createReplay,
  defaultFailStatuses,
  defaultSignInMethods,
  defaultSignInPaths,
  plainBytes,
  type ReplayFormat,
  replayFormats,
} from "@fluxstudio/guard/replay";
import { defineCommand } from "citty";
import { CliError, usageError } from "../cli-error.ts";
import { type Input, openInput } from "../input.ts";
import { createOutput } from "../output.ts";
import { printable } from "../printable.ts";
import { createProgress } from "../progress.ts";
import { detectInput } from "../replay/detect-input.ts";
import { readOptions } from "../replay/options.ts";
import { createReport } from "../replay/report.ts";

/** Bad lines that are shown; all are counted. */
const badLinesShown = 5;

export const replay = defineCommand({
  meta: {
    name: "replay",
    description:
      "Reads a log and says what would have been detected and blocked, and why. Example: flux replay access.log.gz --format nginx --from 2026-01-05",
  },
  args: {
    file: {
      type: "positional",
      required: false,
      description: "The log, plain or gzip. Standard input when it is - or absent",
    },
    format: {
      type: "string",
      valueHint: replayFormats.join("|"),
      description: "The log's format. Told from the first lines when absent and if they leave no doubt",
    },
    json: { type: "boolean", description: "One JSON object for each detection, and a summary last" },
    rules: {
      type: "string",
      valueHint: "FILE",
      description: 'JSON with changes to the rules: {"brute-force":{"threshold":5,"windowMs":600000}}',
    },
    from: {
      type: "string",
      valueHint: "TIME",
      description: "Leave out lines before this time (ISO 8601; UTC without a zone)",
    },
    to: { type: "string", valueHint: "TIME", description: "Leave out lines from this time on" },
    year: {
      type: "string",
      valueHint: "YEAR",
      description: "Year of the first line, for logs that do not say it (syslog)",
    },
    "sign-in-path": {
      type: "string",
      valueHint: "TEXTS|/REGEX/",
      description: `A path is a sign-in's when it contains one of these (${defaultSignInPaths.join(",")}) or matches the expression`,
    },
    "sign-in-method": {
      type: "string",
      valueHint: "METHODS",
      description: `Methods that sign in (${defaultSignInMethods.join(",")})`,
    },
    "fail-status": {
      type: "string",
      valueHint: "CODES",
      description: `Answers that say a sign-in failed (${defaultFailStatuses.join(",")})`,
    },
    "geo-database": {
      type: "string",
      valueHint: "FILE",
      description: "MMDB file that says where addresses are, instead of the one that comes with flux",
    },
  },
  async run({ args }) {
    const startedAt = performance.now();
    const options = readOptions(args);
    const place = await createPlaceLookup({
      databases: [options.geoDatabase ?? defaultPlaceDatabase()],
      onError: (error: GuardError) => note(`${error.code}: ${error.message}`),
    });
    const output = createOutput();
    const input = openInput(args.file);
    const progress = createProgress(process.stderr, () => performance.now());
    const interrupt = stopOnInterrupt(input);
    const { bytes, format } = await withFormat(plainBytes(input.bytes), options.format);
    const report = createReport(args.json === true, (text) => {
      progress.clear();
      output.write(text);
    });
    let badLines = 0;
    let assumedYear: number | undefined;
    const run = createReplay({
      ...options,
      format,
      place,
      onDetection: report.detection,
      onYearAssumed: (year) => {
        assumedYear = year;
      },
      onBadLine(number, text) {
        if (++badLines > badLinesShown) return;
        progress.clear();
        note(`line ${number} is not ${format}: ${printable(text)}`);
      },
    });

    let failure: unknown;
    try {
      for await (const piece of bytes) {
        await run.write(piece);
        if (assumedYear !== undefined && options.isTimeLimited) {
          throw usageError("The times in this log have no year. With --from or --to, say it with --year.");
        }
        await output.ready();
        if (output.closed) return input.stop();
        const share = input.size === undefined ? undefined : input.bytesRead() / input.size;
        progress.update({ lines: run.lines(), share });
      }
      await run.end();
    } catch (error) {
      if (error instanceof CliError && error.code === "USAGE") throw error;
      // What was read until then counts, and is worth showing. A gzip file that is left in the middle looks damaged.
      if (!interrupt.happened()) failure = error;
    }
    progress.clear();
    if (badLines > badLinesShown) note(`${badLines - badLinesShown} more lines are not ${format}.`);
    if (assumedYear !== undefined)
      note(`The times have no year; ${assumedYear} stands for it. Say it with --year.`);
    report.summary(run.summary(), Math.round(performance.now() - startedAt));
    await output.ready();
    if (failure !== undefined) throw unreadable(input, failure);
    if (interrupt.happened()) process.exitCode = 130;
    // What could not be read at all is no quiet day; who runs this every night looks at the exit code.
    else if (run.summary().unparsed > 0 && run.readable() === 0)
      throw new CliError(
        "UNREADABLE",
        `nothing in this log is ${format}. Say what it is with --format: ${replayFormats.join(", ")}.`,
      );
  },
});

async function withFormat(bytes: AsyncGenerator<Uint8Array>, format: ReplayFormat | undefined) {
  return format === undefined ? detectInput(bytes) : { bytes, format };
}

/** Ctrl-C ends the reading; what was found until then is shown. A second one ends everything. */
function stopOnInterrupt(input: Input): { happened(): boolean } {
  let happened = false;
  process.once("SIGINT", () => {
    happened = true;
    input.stop();
  });
  return { happened: () => happened };
}

function unreadable(input: Input, cause: unknown): unknown {
  if (cause instanceof CliError || !(cause instanceof Error) || !("code" in cause)) return cause;
  return new CliError("UNREADABLE", `${input.name} is damaged, and was read up to there: ${cause.message}`, {
    cause,
  });
}

function note(text: string): void {
  process.stderr.write(`flux replay: ${text}\n`);
}
