// Builds the pages that flux-auth serves, in a process of its own, when they are missing or older than their sources.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";

/** What the pages are made of; a change of any of these files makes them old. */
const sources = ["apps/dashboard", "packages/admin-api/src", "package-lock.json"];
const isOutput = /^(?:node_modules|dist)$/;

/**
 * Returns at once when the pages match their sources.
 *
 * @param {string} root The directory of the repository.
 * @param {string} runtime The Node to build with.
 * @returns {Promise<void>} Rejects with an error whose message is written for the person who ran the command.
 */
export async function ensurePages(root, runtime) {
  if (isBuilt(root, hashOf(root))) return;
  const waiting = "Another command is building the pages; waiting for it ...";
  await withLock({ root, name: "pages", waiting }, async () => {
    const hash = hashOf(root);
    if (isBuilt(root, hash)) return;
    console.error("Building the pages (some seconds, only when their sources changed) ...");
    const { fresh, output, stamp } = paths(root);
    await build(root, runtime, fresh);
    // A server that is running goes on serving the old pages until the new ones are complete.
    rmSync(output, { recursive: true, force: true });
    renameSync(fresh, output);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, hash);
  });
}

function build(root, runtime, directory) {
  return new Promise((resolve, reject) => {
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    // A program's standard output belongs to the program that is started afterwards.
    const stdio = ["ignore", 2, 2];
    const options = ["--logLevel=warn", "--configLoader=native", `--outDir=${directory}`, "--emptyOutDir"];
    const child = spawn(runtime, [vite, "build", ...options], {
      cwd: join(root, "apps", "dashboard"),
      stdio,
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`The pages could not be built (exit code ${code}); what the build said is above.`));
    });
  });
}

function isBuilt(root, hash) {
  const { output, stamp } = paths(root);
  return existsSync(join(output, "index.html")) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

function hashOf(root) {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of filesOf(root, source)) {
      const content = readFileSync(join(root, file));
      hash.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

function filesOf(root, path) {
  let entries;
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
  return entries
    .filter((entry) => !isOutput.test(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesOf(root, `${path}/${entry.name}`) : `${path}/${entry.name}`,
    );
}

function paths(root) {
  return {
    fresh: join(root, "node_modules", ".cache", "pages"),
    output: join(root, "apps", "dashboard", "dist"),
    stamp: join(root, "node_modules", ".cache", "pages-source-hash"),
  };
}
