// flux-auth as a process of its own, for tests of what several do to one database, and of what a killed one leaves behind.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { program } from "./test-app.ts";

export interface TestProcess {
  /** Resolves when it listens. @throws Error with what it wrote, when it ended instead */
  readonly ready: Promise<void>;
  /** Of its address, once it is ready. */
  port(): number;
  /** What it wrote so far. */
  log(): string;
  /** To be used when it is ready. @param ip as a proxy in front would tell it */
  ask(path: string, init?: RequestInit, ip?: string): Promise<Response>;
  post(path: string, body: object, headers?: object): Promise<Response>;
  /** SIGKILL: it can finish nothing. */
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code */
  end(): Promise<number | null>;
}

const mainFile = join(import.meta.dirname, "main.ts");
const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";

/**
 * Killed after the test, with its data.
 * @param env settings beside those that give it a place of its own and the secret that all have
 */
export function startProcess(env: Readonly<Record<string, string>>): TestProcess {
  const dataDir = mkdtempSync(join(tmpdir(), "flux-test-process-"));
  const compiled = getCompileCacheDir();
  const child = spawn(process.execPath, [mainFile], {
    env: {
      ...(compiled && { NODE_COMPILE_CACHE: dirname(compiled) }),
      ...{ PORT: "0", HOST: "127.0.0.1", DATA_DIR: dataDir, FLUX_SECRET: secret },
      // One name for all of them, as it is behind a proxy.
      ...{ PUBLIC_URL: "http://localhost:3001", TRUSTED_PROXIES: "127.0.0.1" },
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = new Promise<number | null>((done) => child.once("close", done));
  let log = "";
  let origin = "";
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        const port = origin === "" ? /"port":(\d+)/.exec(log)?.[1] : undefined;
        if (port === undefined) return;
        origin = `http://127.0.0.1:${port}`;
        resolve();
      });
    }
    void exit.then(() => reject(new Error(`flux-auth ended. It wrote:\n${log}`)));
  });
  // Of one that is to be killed before it is ready nobody waits for this.
  ready.catch(() => {});
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
    rmSync(dataDir, { recursive: true });
  });
  const ask = (path: string, init: RequestInit = {}, ip = "127.0.0.1") => {
    const headers = new Headers(init.headers);
    headers.set("x-forwarded-for", ip);
    return fetch(`${origin}${path}`, { ...init, headers });
  };
  return {
    ...{ ready, ask },
    log: () => log,
    port: () => Number(new URL(origin).port),
    post: (path, body, headers = {}) =>
      ask(path, { method: "POST", headers: { ...program, ...headers }, body: JSON.stringify(body) }),
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async end() {
      child.kill("SIGTERM");
      return exit;
    },
  };
}
