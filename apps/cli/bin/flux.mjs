#!/usr/bin/env node
// Starts `flux` on a Node that runs TypeScript: this one when it is new enough, else the one that the repository pins.
//
// Plain JavaScript without a dependency, because any Node from 20 on must be able to read it.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const lowestMajor = 24;
/** Set for the child, so that a pinned runtime that is too old as well does not start itself for ever. */
const startedMark = "FLUX_CLI_RUNTIME_STARTED";

if (Number.parseInt(process.versions.node, 10) >= lowestMajor) {
  await keepCompiled();
  const { main } = await import("../src/main.ts");
  await main(process.argv.slice(2));
} else {
  startWithPinnedRuntime(fileURLToPath(import.meta.url));
}

/** Halves the time until a command does something. Older runtimes have no such thing; where nobody may write, nothing is kept. */
async function keepCompiled() {
  const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  const { enableCompileCache } = await import("node:module");
  if (existsSync(modules)) enableCompileCache(join(modules, ".cache", "compile"));
}

function startWithPinnedRuntime(self) {
  const runtime = findRuntime(dirname(self));
  if (runtime === undefined || process.env[startedMark] === "1") {
    console.error(
      `flux needs Node ${lowestMajor} or newer, and this is ${process.version}. Install it, or run \`npm ci\` in the repository.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(runtime, [self, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, [startedMark]: "1" },
  });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; forwarding it would make it two.
      if (signal === "SIGINT" && (process.stdin.isTTY || process.stderr.isTTY)) return;
      child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`flux could not start ${runtime}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("close", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    // Ends this process the way that its child ended, which is what a shell looks at.
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000);
  });
}

/** The nearest `node_modules/.bin/node` above the real place of this file: `npm link` and `.bin/flux` are links to it. */
function findRuntime(from) {
  const candidate = join(from, "node_modules", ".bin", "node");
  if (existsSync(candidate)) return candidate;
  const parent = dirname(from);
  return parent === from ? undefined : findRuntime(parent);
}
