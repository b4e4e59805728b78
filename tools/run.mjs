// Runs one of this repository's programs under the pinned runtime, with the dependencies installed and the pages built first.
//
//   node tools/run.mjs apps/auth/src/main.ts [arguments]     a TypeScript file of this repository
//   node tools/run.mjs --max-semi-space-size=1 FILE          the same, with an option of the runtime itself
//   node tools/run.mjs --warm FILE                           the same, with its compile cache filled beforehand
//   node tools/run.mjs --bin biome check .                   a program out of node_modules/.bin
//
// Plain JavaScript without a dependency, because it is what runs before there are any, on any Node from 20 on.
// FLUX_NODE=current uses the runtime that npm itself runs on instead of the pinned one, to try a newer major.

import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePages } from "./build-pages.mjs";
import { ensureInstalled } from "./install.mjs";
import { warm } from "./warm.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lowestMajor = 24;
/** The programs that serve the pages or look at them; the pages are built before these start. */
const needsPages = ["apps/auth/src/main.ts", "tools/test.ts", "benchmarks/run.ts"].map((file) =>
  join(root, file),
);

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main(words) {
  const end = words.findIndex((word) => !word.startsWith("--") || word === "--bin");
  const leading = words.slice(0, Math.max(0, end));
  const options = leading.filter((word) => word !== "--warm");
  const [first, ...rest] = words.slice(leading.length);
  if (first === undefined || (first === "--bin" && rest.length === 0)) {
    throw new Error("usage: node tools/run.mjs [--warm] FILE [arguments] | --bin PROGRAM [arguments]");
  }
  await ensureInstalled(root);
  const runtime = chooseRuntime();
  const [program, ...args] = first === "--bin" ? rest : [resolve(root, first), ...rest];
  if (needsPages.includes(program)) await ensurePages(root, runtime);
  if (leading.includes("--warm")) warm(root, { runtime, options, program });
  run(runtime, [
    ...options,
    first === "--bin" ? realpathSync(join(root, "node_modules", ".bin", program)) : program,
    ...args,
  ]);
}

function chooseRuntime() {
  const pinned = join(root, "node_modules", ".bin", "node");
  if (process.env.FLUX_NODE === undefined || process.env.FLUX_NODE === "") return pinned;
  if (process.env.FLUX_NODE !== "current") throw new Error('FLUX_NODE may only be "current" (or not be set)');
  // npm puts the pinned runtime first on the PATH of its scripts, so this process may well be that one.
  const current = process.env.npm_node_execpath ?? process.execPath;
  const version = spawnSync(current, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
  if (Number.parseInt(version.slice(1), 10) >= lowestMajor) return current;
  throw new Error(
    `FLUX_NODE=current needs Node ${lowestMajor} or newer, and this is ${version || "unknown"}`,
  );
}

function run(runtime, args) {
  const path = [dirname(runtime), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(runtime, args, { stdio: "inherit", env: { ...process.env, PATH: path } });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; forwarding it would make it two, which many take for "at once".
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`The runtime could not be started (${error.message}). Install it again with: npm ci`);
    process.exitCode = 1;
  });
  child.on("close", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    // Ends this process the way that its child ended, which is what a shell or a supervisor looks at.
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1_000);
  });
}
