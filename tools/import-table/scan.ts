// Holds every source file of a tree against the import table.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, matchesGlob, posix } from "node:path";
import { bannedDirectories, environmentReaders, type ImportBan, importBans } from "./bans.ts";
import { readSource } from "./source-file.ts";

/** One thing that the table forbids. */
export interface Violation {
  readonly file: string;
  /** 0 when the file's place is what is wrong. */
  readonly line: number;
  /** What was found, e.g. `imports @fluxstudio/telemetry`. */
  readonly what: string;
  readonly reason: string;
}

/** What a scan found, and on how much it looked. */
export interface ScanResult {
  readonly violations: readonly Violation[];
  readonly fileCount: number;
  /** Number of files by area, such as `packages/guard`; each area that exists is listed. */
  readonly areas: ReadonlyMap<string, number>;
}

interface Workspace {
  readonly directory: string;
  /** From the package.json, e.g. `{"./hono": "./src/adapters/hono.ts"}`. */
  readonly exports?: Readonly<Record<string, string>>;
}

/** By the package's name. */
type Workspaces = ReadonlyMap<string, Workspace>;

/** The directories with source code; those with packages inside count each of these as an area. */
const topLevel = { areas: ["tools", "benchmarks", "examples", "e2e"], groups: ["packages", "apps"] };
const isSource = /\.[cm]?[jt]sx?$/;
const isIgnored = /^(node_modules|dist|data|artifacts|\..*)$/;

/** Scans the tree at `root` (an absolute path). */
export function scan(root: string): ScanResult {
  const areas = new Map<string, number>();
  const violations: Violation[] = [];
  const workspaces = findWorkspaces(root);
  let fileCount = 0;
  for (const area of findAreas(root)) {
    const { files, directories } = listTree(root, area);
    areas.set(area, files.length);
    fileCount += files.length;
    violations.push(...directories.flatMap(checkDirectory));
    for (const file of files) violations.push(...checkFile(root, file, workspaces));
  }
  return { violations, fileCount, areas };
}

function checkDirectory(directory: string): Violation[] {
  if (!bannedDirectories.names.includes(basename(directory))) return [];
  return [
    { file: directory, line: 0, what: "is a directory of a banned name", reason: bannedDirectories.reason },
  ];
}

function checkFile(root: string, file: string, workspaces: Workspaces): Violation[] {
  const { imports, environmentLines } = readSource(file, readFileSync(join(root, file), "utf8"));
  const violations: Violation[] = [];
  for (const { specifier, line, isTypeOnly } of imports) {
    const target = resolveSpecifier(file, specifier, workspaces);
    for (const ban of importBans) {
      if (isBanned(ban, file, target, isTypeOnly)) {
        violations.push({ file, line, what: `imports ${specifier}`, reason: ban.reason });
      }
    }
  }
  if (!matchesAny(file, environmentReaders.allowed)) {
    for (const line of environmentLines) {
      violations.push({ file, line, what: "reads process.env", reason: environmentReaders.reason });
    }
  }
  return violations;
}

function isBanned(ban: ImportBan, file: string, target: string, isTypeOnly: boolean): boolean {
  if (isTypeOnly && ban.allowsTypes === true) return false;
  if (!matchesAny(file, ban.from) || matchesAny(file, ban.except ?? [])) return false;
  return matchesAny(target, ban.to) && !matchesAny(target, ban.exceptTo ?? []);
}

/** A path from the root for what is ours, `node:NAME` for what is built in, `npm:NAME` for everything else. */
function resolveSpecifier(file: string, specifier: string, workspaces: Workspaces): string {
  if (specifier.startsWith(".")) return posix.join(dirname(file), specifier);
  if (specifier.startsWith("node:")) return specifier;
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const workspace = workspaces.get(name);
  if (workspace === undefined) return `npm:${specifier}`;
  const subpath = `.${specifier.slice(name.length)}`;
  return posix.join(workspace.directory, workspace.exports?.[subpath] ?? `${subpath}/index`);
}

function findWorkspaces(root: string): Map<string, Workspace> {
  const workspaces = new Map<string, Workspace>();
  for (const directory of findAreas(root)) {
    const file = join(root, directory, "package.json");
    if (!existsSync(file)) continue;
    const { name, exports } = JSON.parse(readFileSync(file, "utf8"));
    workspaces.set(name, { directory, exports });
  }
  return workspaces;
}

function findAreas(root: string): string[] {
  const inGroups = topLevel.groups.flatMap((group) => directoriesIn(root, group));
  return [...inGroups, ...topLevel.areas].filter((area) => existsSync(join(root, area)));
}

function directoriesIn(root: string, directory: string): string[] {
  if (!existsSync(join(root, directory))) return [];
  const entries = readdirSync(join(root, directory), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${directory}/${entry.name}`);
}

function listTree(root: string, top: string): { files: string[]; directories: string[] } {
  const files: string[] = [];
  const directories: string[] = [top];
  // Grows while it is walked.
  for (const directory of directories) {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory() && !isIgnored.test(entry.name)) directories.push(path);
      else if (entry.isFile() && isSource.test(entry.name)) files.push(path);
    }
  }
  return { files, directories };
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(path, glob));
}
