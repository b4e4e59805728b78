// A start that fails says in one line which variable to look at, and ends.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openPostgres } from "./database/postgres.ts";
import { startProblem } from "./start-problem.ts";

const directory = mkdtempSync(join(tmpdir(), "flux-start-"));
afterAll(() => rmSync(directory, { recursive: true }));
const noDatabase = join(directory, "notes.txt");
writeFileSync(noDatabase, "Buy milk.\n", { mode: 0o644 });

const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";

const start = (variables: object) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: join(directory, "data"),
      PORT: "0",
      FLUX_SECRET: secret,
      ...variables,
    },
    encoding: "utf8",
    timeout: 30_000,
  });

it.each([
  [
    "GEO_DATABASE",
    noDatabase,
    /GEO_DATABASE: .*notes\.txt.*not an MMDB file\. Write the paths of MMDB files/,
  ],
  ["DATABASE_URL", `sqlite:${noDatabase}`, /DATABASE_URL: .*notes\.txt is no SQLite database/],
  [
    "DATABASE_URL",
    "postgres://127.0.0.1:9/flux",
    /DATABASE_URL: the database does not answer: .*ECONNREFUSED/,
  ],
  ["DATA_DIR", noDatabase, /DATA_DIR: .*notes\.txt cannot be a directory, as there is a file in its place/],
  ["HOST", "nope.invalid", /HOST nope\.invalid is no address of this machine/],
])("%s=%s", (name, value, words) => {
  const { status, stderr } = start({ [name]: value });
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().split("\n")).toHaveLength(2);
  expect(status).toBe(1);
  expect(statSync(noDatabase).mode & 0o777).toBe(0o644);
});

const known = { dataDir: directory, host: undefined, port: 3001 };

it("a PostgreSQL that drops the connection", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const database = await openPostgres(`postgres://127.0.0.1:${port}/flux`, { poolSize: 1 });
  const error = await database.openLock("migration").catch((cause: unknown) => cause);
  expect(startProblem(error, known)).toMatch(/^DATABASE_URL: the database does not answer: /);
  await database.close();
  await new Promise((closed) => server.close(closed));
});

const postgres = process.env.FLUX_TEST_POSTGRES_URL;
it.skipIf(!postgres)("a PostgreSQL that knows no such database", async () => {
  const url = Object.assign(new URL(postgres as string), { pathname: "/no-such-database" });
  const database = await openPostgres(url.href, { poolSize: 1 });
  const error = await database.openLock("migration").catch((cause: unknown) => cause);
  expect(startProblem(error, known)).toMatch(/^DATABASE_URL: the database does not let flux-auth in: /);
  await database.close();
});

it("a wrong password, as PostgreSQL says it", () => {
  const refused = Object.assign(new Error('password authentication failed for user "flux"'), {
    code: "28P01",
  });
  expect(startProblem(refused, known)).toMatch(
    /^DATABASE_URL: the database does not let flux-auth in: password .* Look at user/,
  );
});

it("an error of nobody's variable keeps its stack", () => {
  expect(startProblem(new TypeError("x is not a function"), known)).toBeUndefined();
});
