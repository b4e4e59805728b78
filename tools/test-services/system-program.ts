// Finds the server programs that the tests need on this machine, and installs with apt-get what is missing.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that comes with the operating system and not with npm. */
export interface SystemProgram {
  /** What the executable is called, best name first. */
  readonly names: readonly string[];
  /** Where distributions put it besides the PATH, as glob patterns. */
  readonly directories: readonly string[];
  readonly aptPackage: string;
  /** What to write after `brew install`, for the sentence that says what is missing. */
  readonly brewPackage: string;
  /** The tests that cannot run without it, as a reader would look for them. */
  readonly neededBy: string;
}

/** Something has to be installed; the message says what, and how. */
export class MissingProgram extends Error {
  readonly code = "MISSING_PROGRAM";

  constructor(message: string) {
    super(message);
    this.name = "MissingProgram";
  }
}

/**
 * Returns the path of each program, in the order asked for.
 *
 * @throws MissingProgram with one sentence a program saying what to install, when one is missing and apt-get cannot help.
 */
export function provide(programs: readonly SystemProgram[]): string[] {
  const missing = programs.filter((program) => find(program) === undefined);
  const log = missing.length > 0 ? installWithApt(missing.map((program) => program.aptPackage)) : "";
  const found = programs.map((program) => find(program));
  const problems = programs.filter((_, index) => found[index] === undefined).map(howToInstall);
  if (problems.length > 0)
    throw new MissingProgram([log, ...problems].filter((line) => line !== "").join("\n"));
  return found.filter((path) => path !== undefined);
}

/** Looks on the PATH first, then in the given directories, where the highest version wins. */
export function find(program: SystemProgram): string | undefined {
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  const elsewhere = program.directories.flatMap((pattern) => globSync(pattern).sort(byVersionDescending));
  for (const directory of [...onPath, ...elsewhere]) {
    for (const name of program.names) {
      const path = join(directory, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** One sentence saying what is missing, how to get it and which tests want it. */
export function howToInstall(program: SystemProgram): string {
  return (
    `${program.names[0]} is not on this machine and apt-get could not install it: install it ` +
    `(Debian, Ubuntu: apt-get install ${program.aptPackage}; macOS: brew install ${program.brewPackage}), ` +
    `because ${program.neededBy} need it.`
  );
}

/** Returns what apt-get said when it failed, and nothing when it did its work or is not to be had. */
function installWithApt(packages: readonly string[]): string {
  const prefix = rootPrefix();
  if (prefix === undefined || !existsSync("/usr/bin/apt-get")) return "";
  console.error(`Installing ${packages.join(" and ")} with apt-get, because the tests need it ...`);
  // RUNLEVEL=1 keeps the package scripts from starting servers of their own: the tests start private ones.
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];
  const apt = (...args: string[]) => {
    const [command = "", ...rest] = [
      ...prefix,
      ...environment,
      "apt-get",
      "-o",
      "DPkg::Lock::Timeout=120",
      ...args,
    ];
    return spawnSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  };
  const install = () => apt("install", "--yes", "--no-install-recommends", ...packages);
  if (install().status === 0) return "";
  // A fresh container image has no package lists, or old ones that name files which are gone.
  apt("update");
  const second = install();
  if (second.status === 0) return "";
  const said = second.error?.message ?? `${second.stdout}${second.stderr}`;
  return `apt-get failed:\n${said}`.trim();
}

/** What to put before a command so that it runs as root; `undefined` when that takes a password. */
function rootPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
  return sudo.status === 0 ? ["sudo", "-n"] : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function byVersionDescending(left: string, right: string): number {
  return right.localeCompare(left, "en", { numeric: true });
}
