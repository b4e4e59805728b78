// What is asked of a connection: limits are in force, and its first message has only what a pooler in between takes.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { openPostgres } from "./postgres.ts";
import { describePostgres } from "./test-database.ts";

/** Between a client and PostgreSQL; keeps the names in the first message of each connection. */
async function startBetween(url: URL) {
  const asked: string[][] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(url.port || 5432), url.hostname);
    client.once("data", (message) => asked.push(namesIn(message)));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => {});
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String((server.address() as AddressInfo).port);
  return { url: own.href, asked };
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: StartupMessage, names and values in turn. */
const namesIn = (message: Buffer): string[] =>
  message
    .subarray(8)
    .toString()
    .split("\0")
    .filter((text, i) => i % 2 === 0 && text !== "");

const show = async (database: Pick<Awaited<ReturnType<typeof openPostgres>>, "kysely">) => {
  const names = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"];
  const query = sql<{
    limit: string;
  }>`select current_setting(name) as limit from unnest(${names}::text[]) as t (name)`;
  return (await query.execute(database.kysely)).rows.map(({ limit }) => limit);
};

describePostgres("a connection", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("has its limits, of which its first message says nothing", async () => {
    const between = await startBetween(new URL(await databases.url()));
    const database = await openPostgres(between.url, { poolSize: 2 });
    onTestFinished(() => database.close());
    const patient = await database.openPatient();
    onTestFinished(() => patient.close());
    expect(await Promise.all([show(database), show(database), show(patient)])).toEqual([
      ["10s", "30s", "0"],
      ["10s", "30s", "0"],
      ["0", "0", "30s"],
    ]);
    const lock = await database.openLock("server");
    onTestFinished(() => lock.close());
    // PgBouncer takes these, and refuses any others (its ignore_startup_parameters).
    const taken = new Set(["user", "database", "application_name", "client_encoding"]);
    expect(between.asked).toHaveLength(4);
    expect(between.asked.flat().filter((name) => !taken.has(name))).toEqual([]);
  });
});
