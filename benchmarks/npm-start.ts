// `npm start` as a person runs it, on a data directory of its own, and what /proc says of the server.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = new URL("..", import.meta.url).pathname;

export interface Started {
  readonly url: string;
  readonly dataDir: string;
  /** `VmRSS` of proc_pid_status(5), in thousands of its kB. */
  residentMegabytes(): number;
  /** With its data. */
  stop(): Promise<void>;
}

/** @param settings environment variables beside those that give it a place of its own */
export async function npmStart(settings: Readonly<Record<string, string>> = {}): Promise<Started> {
  const dataDir = mkdtempSync(join(tmpdir(), "flux-bench-"));
  // Nothing else of this environment: what is configured here is not what is measured.
  const env = {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME },
    ...{ DATA_DIR: dataDir, HOST: "127.0.0.1", PORT: "0" },
    ...settings,
  };
  const npm = spawn("npm", ["start", "--silent"], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(npm, "exit");
  let pid: number | undefined;
  const stop = async () => {
    if (pid !== undefined) process.kill(pid, "SIGTERM");
    else npm.kill();
    await exit;
    rmSync(dataDir, { recursive: true });
  };
  try {
    const listens = await listening(npm.stdout);
    pid = listens.pid;
    return {
      url: `http://127.0.0.1:${listens.port}`,
      dataDir,
      residentMegabytes: () => residentMegabytes(listens.pid),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server's own process and port, out of the line that says where everything is. */
async function listening(output: NodeJS.ReadableStream): Promise<{ pid: number; port: number }> {
  let found: { pid: number; port: number } | undefined;
  for await (const line of createInterface({ input: output })) {
    if (!line.startsWith("{")) continue;
    const { pid, port } = JSON.parse(line);
    if (port === undefined) continue;
    found = { pid, port };
    break;
  }
  if (!found) throw new Error("The server did not start.");
  // A pipe that nobody reads would fill up.
  output.resume();
  return found;
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS.`);
  return Number(kilobytes) / 1_000;
}
