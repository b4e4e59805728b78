// A private Redis (or Valkey) for one test run: in memory only, on loopback, with a password.

import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServer, type TestServer, withRetries } from "./server-process.ts";
import type { SystemProgram } from "./system-program.ts";

/** Where Redis comes from, and who needs it. */
export const redisProgram: SystemProgram = {
  names: ["redis-server", "valkey-server"],
  directories: ["/usr/local/bin", "/opt/homebrew/bin"],
  aptPackage: "redis-server",
  brewPackage: "redis",
  neededBy: "npm run attack, npm run two-servers and the tests named *.redis.test.ts",
};

/** What a test asks of a Redis of its own. */
export interface RedisSettings {
  /** That of one which was killed, to come back in its place. */
  readonly port?: number;
  readonly password?: string;
  /** Lines of its configuration, e.g. `maxmemory 2mb`. */
  readonly lines?: readonly string[];
}

/** Starts Redis from the given executable and waits until it answers. */
export function startRedis(program: string, settings: RedisSettings = {}): Promise<TestServer> {
  return withRetries(async () => {
    const { port = await freePort(), password = randomBytes(16).toString("hex"), lines = [] } = settings;
    return startServer({
      program,
      args: ["-"],
      input: [
        "bind 127.0.0.1",
        `port ${port}`,
        // Any program on this machine, and any page in a browser on it, can reach a loopback port.
        `requirepass ${password}`,
        'save ""',
        "appendonly no",
        ...lines,
        "",
      ].join("\n"),
      directory: mkdtempSync(join(tmpdir(), "flux-test-redis-")),
      port,
      url: `redis://:${password}@127.0.0.1:${port}`,
      question: Buffer.from("PING\r\n"),
      isReady: (answer) => answer.toString("latin1").startsWith("-NOAUTH"),
      stopSignal: "SIGTERM",
    });
  });
}
