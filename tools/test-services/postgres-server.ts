// A private PostgreSQL for one test run: fresh data, no fsync, on loopback, with a password.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort, startServer, type TestServer, type UnixUser, withRetries } from "./server-process.ts";
import type { SystemProgram } from "./system-program.ts";

/** Where PostgreSQL comes from, and who needs it. */
export const postgresProgram: SystemProgram = {
  // initdb stands beside postgres on every system, and is not on the PATH of Debian either.
  names: ["initdb"],
  directories: [
    "/usr/lib/postgresql/*/bin",
    "/usr/libexec/postgresql*",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
  ],
  aptPackage: "postgresql",
  brewPackage: "postgresql",
  neededBy: "the tests named *.postgres.test.ts",
};

/**
 * Starts PostgreSQL and waits until it answers.
 *
 * @param initdb The path of `initdb`; `postgres` is taken from the same directory.
 * @param further Settings beside the usual ones, which they override: `max_connections=8`
 */
export function startPostgres(initdb: string, further: readonly string[] = []): Promise<TestServer> {
  return withRetries(async () => {
    const user = unprivilegedUser();
    const directory = privateDirectory(user);
    const password = randomBytes(16).toString("hex");
    createCluster(initdb, directory, password, user);
    const port = await freePort();
    return startServer({
      program: join(dirname(initdb), "postgres"),
      args: [
        ...["-D", join(directory, "data")],
        ...[...settings(port), ...further].flatMap((setting) => ["-c", setting]),
      ],
      directory,
      port,
      url: `postgres://flux:${password}@127.0.0.1:${port}/postgres`,
      question: startupMessage("flux", "postgres"),
      // "R" asks for the password; while the database still starts the answer is an error, "E".
      isReady: (answer) => answer[0] === 0x52,
      // A fast shutdown: open connections are ended.
      stopSignal: "SIGINT",
      user,
    });
  });
}

function settings(port: number): string[] {
  return [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    // The system's socket directory may be missing, or belong to another server.
    "unix_socket_directories=",
    // The data is thrown away, so nothing of it has to survive a crash.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
  ];
}

function createCluster(
  initdb: string,
  directory: string,
  password: string,
  user: UnixUser | undefined,
): void {
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const args = ["--pgdata", join(directory, "data"), "--username=flux", `--pwfile=${passwordFile}`];
  // Not SCRAM, which takes ten milliseconds of both sides each of the thousands of times that a test connects.
  args.push("--auth=md5", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions");
  const result = spawnSync(initdb, args, { ...user, cwd: directory, encoding: "utf8" });
  if (result.status === 0) return;
  rmSync(directory, { recursive: true, force: true });
  throw new Error(`${initdb} failed: ${result.error?.message ?? result.stderr.trim()}`);
}

/** PostgreSQL refuses to run as root, so that root runs it as the user of its package, or as nobody. */
function unprivilegedUser(): UnixUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name], { encoding: "utf8" }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error(
    "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.",
  );
}

/** Makes an empty directory that the server's user can reach: root's own TMPDIR may be closed to everyone else. */
function privateDirectory(user: UnixUser | undefined): string {
  for (const parent of [tmpdir(), "/tmp", "/var/tmp"]) {
    const directory = mkdtempSync(join(parent, "flux-test-postgres-"));
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
    const check = spawnSync("test", ["-w", directory], { ...user, cwd: "/" });
    if (check.status === 0) return directory;
    rmSync(directory, { recursive: true });
  }
  throw new Error(
    "No temporary directory can be reached by the user that runs PostgreSQL; set TMPDIR to one that can.",
  );
}

/** The first message of the protocol, version 3.0: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const message = Buffer.alloc(8 + body.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(0x0003_0000, 4);
  body.copy(message, 8);
  return message;
}
