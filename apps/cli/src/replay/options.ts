// The options of `flux replay`, from text to what the replay takes.

import { readFileSync } from "node:fs";
import type { RuleOverrides } from "@fluxstudio/guard";
import { isoTime, type ReplayFormat, type ReplayOptions, replayFormats } from "@fluxstudio/guard/replay";
import { GuardError } from "@fluxstudio/guard/vocabulary";
import { CliError, usageError } from "../cli-error.ts";

/** As they stand on the command line. */
export interface ReplayArguments {
  readonly format?: string | undefined;
  readonly rules?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly year?: string | undefined;
  readonly "sign-in-path"?: string | undefined;
  readonly "sign-in-method"?: string | undefined;
  readonly "fail-status"?: string | undefined;
  readonly "geo-database"?: string | undefined;
}

export interface ReplayCommandOptions
  extends Pick<ReplayOptions, "settings" | "signIn" | "fromMs" | "toMs" | "year"> {
  readonly format: ReplayFormat | undefined;
  readonly isTimeLimited: boolean;
  readonly geoDatabase: string | undefined;
}

/** @throws CliError `USAGE`, `UNREADABLE`; GuardError `INVALID_RULES` */
export function readOptions(args: ReplayArguments): ReplayCommandOptions {
  const fromMs = timeOf("from", args.from);
  const toMs = timeOf("to", args.to);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw usageError("--from must be before --to.");
  }
  return {
    format: formatOf(args.format),
    settings: rulesOf(args.rules),
    signIn: {
      paths: pathsOf(args["sign-in-path"]),
      methods: listOf("sign-in-method", args["sign-in-method"]),
      failStatuses: listOf("fail-status", args["fail-status"])?.map(statusOf),
    },
    fromMs,
    toMs,
    isTimeLimited: fromMs !== undefined || toMs !== undefined,
    year: yearOf(args.year),
    geoDatabase: args["geo-database"],
  };
}

function formatOf(text: string | undefined): ReplayFormat | undefined {
  if (text === undefined) return undefined;
  const format = replayFormats.find((one) => one === text);
  if (!format) throw usageError(`--format is "${text}". There are: ${replayFormats.join(", ")}.`);
  return format;
}

function rulesOf(file: string | undefined): RuleOverrides | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("UNREADABLE", `--rules ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    return JSON.parse(text) as RuleOverrides;
  } catch (cause) {
    throw new GuardError("INVALID_RULES", `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** A date, a date and time, with or without seconds and zone. */
function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const whole = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T00:00:00Z`
    : text.replace(/([T ]\d\d:\d\d)(?=$|Z|[+-])/, "$1:00");
  const at = isoTime(whole);
  if (at === undefined)
    throw usageError(`--${name} "${text}" is no time. Write it like 2026-01-05T12:00:00Z.`);
  return at;
}

function yearOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}$/.test(text)) throw usageError(`--year "${text}" is no year. Write it like 2026.`);
  return Number(text);
}

function pathsOf(text: string | undefined): readonly string[] | RegExp | undefined {
  const expression = text === undefined ? null : /^\/(.+)\/(i?)$/.exec(text);
  if (!expression) return listOf("sign-in-path", text);
  try {
    return new RegExp(expression[1] as string, expression[2]);
  } catch (cause) {
    throw usageError(`--sign-in-path: ${(cause as Error).message}`);
  }
}

function listOf(name: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part === "")) throw usageError(`--${name} has an empty part: "${text}".`);
  return parts;
}

function statusOf(text: string): number {
  if (!/^\d{3}$/.test(text))
    throw usageError(`--fail-status "${text}" is no status. Write them like 401,403,422.`);
  return Number(text);
}
