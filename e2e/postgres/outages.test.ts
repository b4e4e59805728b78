// A PostgreSQL that stands still, and one that has no connection left: what those say who need it, and how soon.

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openPostgres } from "../../apps/auth/src/database/postgres.ts";
import { isUnavailable } from "../../apps/auth/src/database/unavailable.ts";
import { startProcess } from "../../apps/auth/src/test-process.ts";
import { postgresProgram, startPostgres } from "../../tools/test-services/postgres-server.ts";
import type { TestServer } from "../../tools/test-services/server-process.ts";
import { provide } from "../../tools/test-services/system-program.ts";

/** Enough for one flux-auth, and for half of another one. */
const connections = 6;

let server: TestServer;
beforeAll(async () => {
  const [initdb = ""] = provide([postgresProgram]);
  server = await startPostgres(initdb, [
    `max_connections=${connections}`,
    "superuser_reserved_connections=0",
    // They count as connections, too.
    "max_wal_senders=0",
    // What was committed is there after a crash.
    "synchronous_commit=on",
  ]);
});
afterAll(() => server.stop());

it("whoever asks one that stands still waits once, and the next one is served on another connection", async () => {
  const database = await openPostgres(server.url, { poolSize: 1, answerTimeoutMs: 500 });
  onTestFinished(() => database.close());
  const { kysely } = database;
  const ask = async (on: typeof kysely): Promise<number> => {
    const asking = on.selectNoFrom(({ fn }) => fn<number>("pg_backend_pid").as("pid"));
    return (await asking.executeTakeFirstOrThrow()).pid;
  };
  let stopped = 0;
  const failed = kysely.transaction().execute(async (transaction) => {
    stopped = await ask(transaction);
    // As of a machine that has vanished: the connection is there, and nobody answers.
    process.kill(stopped, "SIGSTOP");
    onTestFinished(() => void process.kill(stopped, "SIGCONT"));
    const error = await ask(transaction).catch((told: unknown) => told);
    // Told at once, as the transaction's end is, and not after another wait.
    await expect(ask(transaction)).rejects.toBe(error);
    throw error;
  });
  expect(isUnavailable(await failed.catch((error: unknown) => error))).toBe(true);
  expect(await ask(kysely)).not.toBe(stopped);
});

it("a flux-auth for which there is no connection left does not start, and says which settings to look at", async () => {
  const settings = { DATABASE_URL: server.url, DATABASE_POOL_SIZE: "3" };
  const first = startProcess(settings);
  await first.ready;
  const others = await openPostgres(server.url, { poolSize: connections });
  onTestFinished(() => others.close());
  const held: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const lock of held) await lock.close();
  });
  for (;;) {
    const lock = await others.openLock("migration").catch((error: unknown) => error);
    if (lock instanceof Error) break;
    held.push(lock as { close(): Promise<void> });
  }
  expect(held.length).toBeGreaterThan(0);
  await expect(startProcess(settings).ready).rejects.toThrow(
    /DATABASE_POOL_SIZE: PostgreSQL has no connection left: .*max_connections/,
  );
  for (const lock of held.splice(0)) await lock.close();
  await expect.poll(async () => (await first.ask("/readyz")).status).toBe(200);
});

it("a crash of the whole server costs a flux-auth the requests that meet it, and it comes back by itself", async () => {
  const flux = startProcess({ DATABASE_URL: server.url, DATABASE_POOL_SIZE: "3" });
  await flux.ready;
  const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
  expect((await flux.post("/api/auth/signup", ada)).status).toBe(200);

  const database = await openPostgres(server.url, { poolSize: 1 });
  onTestFinished(() => database.close());
  const asking = database.kysely.selectNoFrom(({ fn }) => fn<number>("pg_backend_pid").as("pid"));
  const backend = async () => (await asking.executeTakeFirstOrThrow()).pid;
  const killed = await backend();

  const statuses = new Set<number>();
  const signIn = async () => {
    const { status } = await flux.post("/api/auth/login", ada);
    statuses.add(status);
    return status;
  };
  let stop = false;
  const people = Array.from({ length: 2 }, async () => {
    while (!stop) await signIn();
  });
  // One killed backend may have left shared memory in pieces, so PostgreSQL ends all others and goes through its recovery.
  process.kill(killed, "SIGKILL");
  await expect.poll(() => backend().catch(() => killed)).not.toBe(killed);
  await expect.poll(signIn).toBe(200);
  stop = true;
  await Promise.all(people);
  // With luck nobody meets it: it lasts for some tenths of a second.
  expect([200, 503]).toEqual(expect.arrayContaining([...statuses]));
  expect((await flux.ask("/readyz")).status).toBe(200);
  expect(await flux.end()).toBe(0);
});
