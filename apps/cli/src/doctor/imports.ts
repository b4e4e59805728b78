// Whether every package that the programs here import is declared by their workspace and installed.
//
// A service once went down because of two packages that another one happened to bring along.

import { existsSync, globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Finding } from "./finding.ts";

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly bin?: { readonly [name: string]: string };
  readonly exports?: { readonly [path: string]: string };
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional?: boolean } };
}

/** @param root the directory whose package.json lists the workspaces */
export function imports(root: string): Finding[] {
  const check = "imports";
  const directories = globSync([...(manifestOf(root).workspaces ?? [])], { cwd: root }).filter((directory) =>
    existsSync(join(root, directory, "package.json")),
  );
  let files = 0;
  const problems: Finding[] = [];
  for (const directory of directories.sort()) {
    const manifest = manifestOf(join(root, directory));
    const imported = importsOf(join(root, directory), manifest);
    files += imported.files;
    for (const [name, file] of imported.packages) {
      if (name === manifest.name) continue;
      const where = `${relative(root, file)} imports ${name}`;
      if (!isDeclared(manifest, name)) {
        const message = `${where}, which ${directory}/package.json does not declare: npm install ${name} -w ${directory}`;
        problems.push({ check, ok: false, message });
      } else if (!isInstalled(file, name) && manifest.peerDependenciesMeta?.[name]?.optional !== true) {
        problems.push({ check, ok: false, message: `${where}, which is not installed: npm ci` });
      }
    }
  }
  if (problems.length > 0) return problems;
  const message = `${files} files import only what is declared and installed`;
  return [{ check, ok: files > 0, message: files > 0 ? message : `no source file in ${root}: npm ci` }];
}

/** Every file that the workspace's entries lead to, and the packages that these import, each with a file that does. */
function importsOf(directory: string, { exports = {}, bin = {} }: Manifest) {
  const entries = [...Object.values(exports), ...Object.values(bin), "src/main.ts"];
  const files = new Set(
    entries
      .map((entry) => join(directory, entry))
      .filter((file) => /\.[mc]?[tj]s$/.test(file) && existsSync(file)),
  );
  const packages = new Map<string, string>();
  // Grows while it is walked.
  for (const file of files) {
    for (const specifier of specifiersIn(readFileSync(file, "utf8"))) {
      if (specifier.startsWith(".")) {
        const target = join(dirname(file), specifier);
        if (existsSync(target) && /\.[mc]?[tj]s$/.test(target)) files.add(target);
      } else {
        const name = packageOf(specifier);
        if (!specifier.startsWith("node:") && !builtinModules.includes(specifier)) packages.set(name, file);
      }
    }
  }
  return { files: files.size, packages };
}

/** What a module imports when it runs; an `import type` is gone by then. Statements begin a line, as the formatter has it. */
function specifiersIn(source: string): string[] {
  const statements =
    /^(?:import|export)\s+(?!type\b)(?:[^"'`;()]*?\bfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  return [...source.matchAll(statements)].flatMap(([, fixed, dynamic]) => fixed ?? dynamic ?? []);
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function isDeclared(manifest: Manifest, name: string): boolean {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  return [dependencies, optionalDependencies, peerDependencies].some(
    (list) => list && Object.hasOwn(list, name),
  );
}

/** Looks where the runtime does: in `node_modules` here and in each directory above. */
function isInstalled(file: string, name: string): boolean {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (existsSync(join(directory, "node_modules", name, "package.json"))) return true;
    if (directory === dirname(directory)) return false;
  }
}

const manifestOf = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
