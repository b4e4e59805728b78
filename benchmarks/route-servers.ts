// The variants of a route in turn: each server on one core, the load from wrk on another.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { find } from "../tools/test-services/system-program.ts";
import { wrkPath } from "./wrk.ts";

export const variants = ["bare", "passing", "guarded", "refusing", "blocked"] as const;
export type Variant =
  | (typeof variants)[number]
  | "redis"
  | "quiet"
  | "observed"
  | "logged"
  | "reported"
  | "traced";

export interface RouteRate {
  readonly perSecond: number;
  /** Requests for each second of CPU that the server had: what a busy machine takes away does not change it. */
  readonly perCpuSecond: number;
  /** Share of one core that the server used; near 1 it is the server that was measured, and not the load. */
  readonly serverCpu: number;
  /** That it wrote for a request. */
  readonly linesARequest: number;
}

export interface Routes {
  measure(variant: Variant): Promise<RouteRate>;
  port(variant: Variant): number;
  close(): void;
}

const connections = 32;
const seconds = 2;
const tasksetProgram = {
  ...{ names: ["taskset"], directories: ["/usr/bin"], aptPackage: "util-linux", brewPackage: "util-linux" },
  neededBy: "the benchmarks of routes",
};

/** Starts a server for each variant. Those that are not asked cost nothing, so all of them share the first core. */
export async function startRoutes(
  wanted: readonly Variant[] = variants,
  env: Readonly<Record<string, string>> = {},
): Promise<Routes> {
  const wrk = wrkPath();
  const taskset = availableParallelism() > 1 ? find(tasksetProgram) : undefined;
  const pinned = (core: number, command: readonly string[]): [string, string[]] => {
    const [program = "", ...args] = taskset ? [taskset, "-c", String(core), ...command] : command;
    return [program, args];
  };
  const start = async (variant: Variant) => {
    const file = new URL("route-server.ts", import.meta.url).pathname;
    const [program, args] = pinned(0, [process.execPath, file, variant]);
    const log = openLog();
    const server = spawn(program, args, {
      env: { ...process.env, ...env },
      // The lines of a log go to a file, as they do behind a service manager.
      stdio: ["ignore", log, "inherit", "ipc"],
    });
    return { server, log, port: await answer(server) };
  };
  const routes = new Map<Variant, Awaited<ReturnType<typeof start>>>();
  for (const variant of wanted) routes.set(variant, await start(variant));

  return {
    async measure(variant) {
      const route = routes.get(variant);
      if (!route) throw new Error(`There is no variant ${variant}.`);
      const { server, port, log } = route;
      const script = new URL("client-addresses.lua", import.meta.url).pathname;
      const [program, args] = pinned(1, [
        ...[wrk, "--threads", "1", "--connections", String(connections), "--duration", `${seconds}s`],
        ...["--script", script, `http://127.0.0.1:${port}/`],
      ]);
      ftruncateSync(log);
      const before = await cpuMs(server);
      const startedAt = performance.now();
      const { stdout } = await promisify(execFile)(program, args);
      const elapsedMs = performance.now() - startedAt;
      const usedMs = (await cpuMs(server)) - before;
      const { requests, refused } = readWrk(stdout);
      const refuses = variant === "blocked" || variant === "refusing";
      if (refused !== (refuses ? requests : 0)) {
        throw new Error(`${refused} of ${requests} requests to the ${variant} route were refused.`);
      }
      return {
        perSecond: (requests / elapsedMs) * 1000,
        perCpuSecond: (requests / usedMs) * 1000,
        serverCpu: usedMs / elapsedMs,
        linesARequest: countLines(log) / requests,
      };
    },
    port: (variant) => routes.get(variant)?.port ?? 0,
    close() {
      for (const { server } of routes.values()) server.disconnect();
    },
  };
}

/** Has no name any more, so that nobody needs to delete it. */
function openLog(): number {
  const directory = mkdtempSync(join(tmpdir(), "flux-bench-"));
  const log = openSync(join(directory, "log"), "a+");
  rmSync(directory, { recursive: true });
  return log;
}

function countLines(log: number): number {
  const text = Buffer.alloc(fstatSync(log).size);
  readSync(log, text, 0, text.length, 0);
  return text.toString("latin1").split("\n").length - 1;
}

async function answer(server: ChildProcess): Promise<number> {
  const [value] = await once(server, "message");
  return Number(value);
}

function cpuMs(server: ChildProcess): Promise<number> {
  const answered = answer(server);
  server.send("cpu");
  return answered;
}

function readWrk(report: string): { requests: number; refused: number } {
  const requests = Number(/(\d+) requests in/.exec(report)?.[1]);
  if (!(requests > 0) || report.includes("Socket errors")) throw new Error(`wrk reported:\n${report}`);
  return { requests, refused: Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0) };
}
