// One private server for the tests: started on a free loopback port, waited for, and surely stopped.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";

/** A running server that belongs to this test run alone. */
export interface TestServer {
  /** The address to hand to the tests, with its password. */
  readonly url: string;
  readonly port: number;
  /** What a test of outages does to it: `SIGKILL`, or `SIGSTOP` and later `SIGCONT`. */
  signal(signal: NodeJS.Signals): void;
  /** The end of its own log, for the message of a test that fails. */
  said(): string;
  /** Stops the server and deletes its data; may be called twice. */
  stop(): Promise<void>;
}

/** How to start a server and how to tell that it answers. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, where a password is not seen by `ps`. */
  readonly input?: string;
  /** Its data, deleted when it has stopped. */
  readonly directory: string;
  readonly port: number;
  readonly url: string;
  /** Bytes to send, and what the answer must begin with once the server is ready. */
  readonly question: Uint8Array;
  readonly isReady: (answer: Buffer) => boolean;
  readonly stopSignal: NodeJS.Signals;
  /** Whose process it is to be, when this one runs as root. */
  readonly user?: UnixUser | undefined;
  /** Told everything that it writes. */
  readonly onOutput?: ((text: string) => void) | undefined;
}

/** A user of this machine, by number. */
export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

const startTimeoutMs = 20_000;
const stopTimeoutMs = 5_000;

/**
 * Starts a server and waits until it answers.
 *
 * @throws Error with the end of the server's own log, when it exits or stays silent for 20 seconds.
 */
export async function startServer(command: ServerCommand): Promise<TestServer> {
  const child = spawn(command.program, command.args, {
    ...command.user,
    cwd: command.directory,
    env: { ...process.env, ...command.env },
    // A group of its own: Ctrl-C is for the test run, which then stops its servers in order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      command.onOutput?.(text);
      log.push(text);
      log.splice(0, log.length - 50);
    });
  }
  child.on("error", (error) => log.push(error.message));
  child.stdin.on("error", () => {}).end(command.input ?? "");
  const cleanUp = () => {
    // At once, and yet PostgreSQL gives its shared memory back, which SIGKILL would leave to the system for ever.
    child.kill("SIGQUIT");
    rmSync(command.directory, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on("exit", cleanUp);
  const stop = async () => {
    await endProcess(child, command.stopSignal);
    process.off("exit", cleanUp);
    cleanUp();
  };
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isAnswering(command))) {
    const hasExited = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (hasExited || Date.now() > deadline) {
      await stop();
      throw new Error(`${command.program} did not start. It said:\n${log.join("").trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url: command.url,
    port: command.port,
    signal: (signal) => child.kill(signal),
    said: () => log.join(""),
    stop,
  };
}

/** Asks the system for a loopback port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return address.port;
}

/** Tries twice more when a start fails, because a free port can be taken before the server has bound it. */
export async function withRetries(start: () => Promise<TestServer>): Promise<TestServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  // A stopped process takes no other signal.
  child.kill("SIGCONT");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(timer);
}

function isAnswering(command: ServerCommand): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: command.port, timeout: 1_000 });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write(command.question));
    socket.on("data", (data) => finish(command.isReady(data)));
    socket.on("timeout", () => finish(false));
    socket.on("error", () => finish(false));
    socket.on("close", () => finish(false));
  });
}
