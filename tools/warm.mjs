// Fills the runtime's compile cache for a program before it starts, once for each state of the sources.
//
// Types are stripped by a WebAssembly module of some 30 MB, which stays in memory in any process that meets a TypeScript
// file unknown to the cache. So a short process meets them all first, and the server never loads that module.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Imports the program in a process of its own, when a source changed since that was last done. Best effort: with a cold
 * cache the program only takes more memory. Does nothing without NODE_COMPILE_CACHE.
 *
 * @param {string} root The repository.
 * @param {{ runtime: string, options: string[], program: string }} start The options of the runtime are part of the
 * cache's key. Being imported must not start the program (`import.meta.main`).
 */
export function warm(root, { runtime, options, program }) {
  const cache = process.env.NODE_COMPILE_CACHE;
  if (cache === undefined || cache === "") return;
  const stamp = resolve(root, cache, `warm-${sha256(program).slice(0, 16)}`);
  const state = sha256(JSON.stringify([runtime, options, sourcesOf(root)]));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  // The cache is written when the process ends.
  const script = `await import(${JSON.stringify(pathToFileURL(program).href)}); process.exit();`;
  const { status } = spawnSync(runtime, [...options, "--input-type=module", "--eval", script], {
    cwd: root,
    stdio: "ignore",
  });
  if (status !== 0) return;
  try {
    mkdirSync(resolve(root, cache), { recursive: true });
    writeFileSync(stamp, state);
  } catch {
    // A tree that cannot be written to keeps no cache either.
  }
}

/** Every source file of the workspaces with its size and time, and the versions of everything else. */
function sourcesOf(root) {
  const files = ["package-lock.json"];
  for (const group of ["apps", "packages"]) {
    if (!existsSync(join(root, group))) continue;
    for (const workspace of readdirSync(join(root, group))) {
      const source = join(group, workspace, "src");
      if (!existsSync(join(root, source))) continue;
      for (const file of readdirSync(join(root, source), { recursive: true })) files.push(join(source, file));
    }
  }
  return files.sort().map((file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    return [file, size, mtimeMs];
  });
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}
