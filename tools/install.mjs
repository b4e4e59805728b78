// Makes node_modules match package-lock.json, once, however many scripts are started at the same moment.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { withLock } from "./lock.mjs";

/**
 * Installs the dependencies with `npm ci` when they are missing, half installed or older than the lock file.
 * Returns at once when there is nothing to do, and then needs no network.
 *
 * @param {string} root The directory of package-lock.json.
 * @returns {Promise<void>} Rejects with an error whose message is written for the person who ran the command.
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  const waiting = "Another command is installing the dependencies; waiting for it ...";
  await withLock({ root, name: "install", waiting }, async () => {
    // Somebody else may have installed while this process waited for the lock.
    if (!isInstalled(root)) await install(root);
  });
}

function isInstalled(root) {
  const { lockFile, installed, runtime, stamp } = paths(root);
  if (!existsSync(lockFile))
    throw new Error("package-lock.json is missing; restore it with: git checkout package-lock.json");
  // npm writes `installed` last of all, so that a run that was interrupted has none.
  if (!existsSync(installed) || !existsSync(runtime)) return false;
  const lockText = readFileSync(lockFile, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sha256(lockText)) return true;
  // A developer's own `npm install` has done the work already: take note of it instead of doing it twice.
  if (!isSameTree(lockText, readFileSync(installed, "utf8"))) return false;
  writeStamp(root);
  return true;
}

async function install(root) {
  const { installed, stamp } = paths(root);
  console.error(
    "Installing dependencies with npm ci (a minute or two, only when package-lock.json changed) ...",
  );
  // npm deletes files in any order; without these two, an interrupted run can never look finished.
  rmSync(stamp, { force: true });
  rmSync(installed, { force: true });
  await npmCi(root);
  if (!existsSync(installed) || !existsSync(paths(root).runtime)) {
    throw new Error(
      "npm ci finished without installing the pinned runtime (the npm package `node`). " +
        "If npm is set to skip install scripts or development dependencies, allow them: npm ci --include=dev --ignore-scripts=false",
    );
  }
  writeStamp(root);
}

function npmCi(root) {
  return new Promise((resolve, reject) => {
    let npm;
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const forward = (signal) => npm?.kill(signal);
    // Before npm exists, so that there is no moment in which a signal would leave it running alone.
    for (const signal of signals) process.on(signal, forward);
    // Under `npm start` the PATH begins with node_modules/.bin, whose runtime npm is about to delete.
    const path = (process.env.PATH ?? "")
      .split(delimiter)
      .filter((entry) => !entry.endsWith(join("node_modules", ".bin")))
      .join(delimiter);
    npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev"], {
      cwd: root,
      env: { ...process.env, PATH: path },
      // A program's standard output belongs to the program that is started afterwards.
      stdio: ["ignore", 2, 2],
    });
    const finish = (settle) => {
      for (const signal of signals) process.off(signal, forward);
      settle();
    };
    npm.on("error", (cause) =>
      finish(() => reject(new Error(`npm could not be run (${cause.message}); install npm and try again`))),
    );
    npm.on("close", (code, signal) => finish(() => (code === 0 ? resolve() : reject(failure(code, signal)))));
  });
}

function failure(code, signal) {
  const how = signal === null ? `with exit code ${code}` : `on ${signal}`;
  return new Error(
    `npm ci failed ${how}; what it said is above. Nothing was started. ` +
      "The first run needs the network (or an npm cache). Try again with: npm ci",
  );
}

/** Whether everything that the lock file asks for is there; what is optional may be missing (other platforms). */
function isSameTree(lockText, installedText) {
  try {
    const wanted = JSON.parse(lockText).packages;
    const present = JSON.parse(installedText).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === "") return true;
      const found = present[path];
      if (found === undefined) return entry.optional === true || entry.devOptional === true;
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

function writeStamp(root) {
  const { lockFile, stamp } = paths(root);
  mkdirSync(join(root, "node_modules", ".cache"), { recursive: true });
  writeFileSync(stamp, sha256(readFileSync(lockFile, "utf8")));
}

function paths(root) {
  return {
    lockFile: join(root, "package-lock.json"),
    installed: join(root, "node_modules", ".package-lock.json"),
    runtime: join(root, "node_modules", ".bin", "node"),
    stamp: join(root, "node_modules", ".cache", "installed-lock-hash"),
  };
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}
