// `flux`: finds the command that was asked for, checks its options, runs it, and turns errors into sentences and exit codes.

import { parseArgs, stripVTControlCharacters } from "node:util";
import { GuardError } from "@fluxstudio/guard/vocabulary";
import { type ArgsDef, type CommandDef, runCommand } from "citty";
import { CliError, usageError } from "./cli-error.ts";
import { loadSettings } from "./config.ts";
import { flux, resolved, usageOf } from "./usage.ts";
import { version } from "./version.ts";

/** Sets `process.exitCode`: 0 done, 1 failed, 2 wrong usage. @param argv without the program's name */
export async function main(argv: readonly string[]): Promise<void> {
  let name = "flux";
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveQuietly);
  try {
    if (argv[0] === "--version" || argv[0] === "-v") {
      process.stdout.write(`${version()}\n`);
      return;
    }
    const found = await findCommand(argv);
    name = found.name;
    const last = found.rest.indexOf("--");
    const options = last < 0 ? found.rest : found.rest.slice(0, last);
    if (options.includes("--help") || options.includes("-h") || found.rest[0] === "help") {
      const text = await usageOf(found.command, found.name);
      process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`);
      return;
    }
    if (found.command.subCommands) throw usageError(await missingCommand(found));
    checkOptions((await resolved(found.command.args)) ?? {}, found.rest);
    loadSettings();
    await runCommand(found.command, { rawArgs: [...found.rest] });
  } catch (error) {
    process.exitCode = report(name, error);
  }
}

/** A reader that left (`flux … | head`) is no error of ours. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

interface FoundCommand {
  readonly command: CommandDef;
  /** `flux decisions list` */
  readonly name: string;
  readonly rest: readonly string[];
}

async function findCommand(argv: readonly string[]): Promise<FoundCommand> {
  let found: FoundCommand = { command: flux, name: "flux", rest: argv };
  for (;;) {
    const children = await resolved(found.command.subCommands);
    const [word, ...rest] = found.rest;
    if (!children || word === undefined || word.startsWith("-") || word === "help") return found;
    const child = Object.hasOwn(children, word) ? await resolved(children[word]) : undefined;
    if (!child) {
      const known = Object.keys(children).join(", ");
      throw usageError(`There is no command "${found.name} ${word}". There are: ${known}.`);
    }
    found = { command: child as CommandDef, name: `${found.name} ${word}`, rest };
  }
}

async function missingCommand({ command, name }: FoundCommand): Promise<string> {
  const known = Object.keys((await resolved(command.subCommands)) ?? {}).join(", ");
  return `Say which command: ${name} followed by one of ${known}.`;
}

/** The parser that runs the command lets unknown options pass; a mistyped one must not be taken for no option. */
function checkOptions(args: ArgsDef, rest: readonly string[]): void {
  const options: Record<string, { type: "boolean" | "string" }> = {};
  for (const [name, arg] of Object.entries(args)) {
    if (arg.type !== "positional") options[name] = { type: arg.type === "boolean" ? "boolean" : "string" };
  }
  try {
    const { positionals } = parseArgs({ args: [...rest], options, allowPositionals: true });
    const most = Object.values(args).filter((arg) => arg.type === "positional").length;
    if (positionals.length > most) throw usageError(`One argument too many: ${positionals[most]}`);
  } catch (error) {
    if (error instanceof TypeError && "code" in error) throw usageError(firstSentence(error.message));
    throw error;
  }
}

const firstSentence = (text: string): string => text.replace(/\. To specify .*$/s, ".");

function report(name: string, error: unknown): number {
  if (error instanceof CliError) {
    const hint = error.exitCode === 2 ? `\nSee: ${name} --help` : "";
    process.stderr.write(`${name}: ${error.message}${hint}\n`);
    return error.exitCode;
  }
  if (error instanceof GuardError) {
    process.stderr.write(`${name}: ${error.code}: ${error.message}\n`);
    return 2;
  }
  if (error instanceof Error && error.name === "CLIError") {
    process.stderr.write(`${name}: ${stripVTControlCharacters(error.message)}\nSee: ${name} --help\n`);
    return 2;
  }
  process.stderr.write(
    `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
