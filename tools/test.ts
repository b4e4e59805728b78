// `npm test [-- vitest arguments]`: starts private servers, runs the tests against them, stops the servers.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import { chromiumProgram } from "./test-services/chromium.ts";
import { postgresProgram, startPostgres } from "./test-services/postgres-server.ts";
import { redisProgram, startRedis } from "./test-services/redis-server.ts";
import type { TestServer } from "./test-services/server-process.ts";
import { provide } from "./test-services/system-program.ts";

const root = join(import.meta.dirname, "..");
const servers: TestServer[] = [];
let tests: ChildProcess | undefined;
let endingSignal: NodeJS.Signals | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    endingSignal ??= signal;
    tests?.kill(signal);
  });
}

let exitCode = 1;
try {
  const addresses = await startServers();
  if (endingSignal === undefined) exitCode = await runTests(addresses);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await Promise.allSettled(servers.map((server) => server.stop()));
}
process.exit(endingSignal === undefined ? exitCode : 128 + constants.signals[endingSignal]);

/** Returns the environment variables that tell the tests where the servers and the browser are. */
async function startServers(): Promise<Record<string, string>> {
  const [redis = "", initdb = "", chromium = ""] = provide([redisProgram, postgresProgram, chromiumProgram]);
  const addresses: Record<string, string> = { FLUX_TEST_CHROMIUM: chromium };
  const start = async (variable: string, server: Promise<TestServer>) => {
    const started = await server;
    servers.push(started);
    addresses[variable] = started.url;
  };
  const results = await Promise.allSettled([
    start("FLUX_TEST_REDIS_URL", startRedis(redis)),
    start("FLUX_TEST_POSTGRES_URL", startPostgres(initdb)),
  ]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return addresses;
}

/** Runs the tests in a process of their own, which can end in any way without leaving a server behind. */
async function runTests(addresses: Record<string, string>): Promise<number> {
  const script = join(import.meta.dirname, "test-run.ts");
  tests = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    cwd: root,
    // The tests start flux-auth and `flux` a hundred times: what was compiled once is not compiled again.
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compile"), ...addresses },
    stdio: "inherit",
  });
  const [code]: (number | null)[] = await once(tests, "exit");
  return code ?? 1;
}
