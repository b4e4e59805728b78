import pg from "pg";
import { expect, it } from "vitest";
import { isUnavailable } from "./unavailable.ts";

const url = process.env.FLUX_TEST_POSTGRES_URL;
const failure = async (run: () => Promise<unknown>) =>
  run().then(
    () => undefined,
    (error: unknown) => error,
  );

it.skipIf(!url)(
  "a pool without a free connection cannot be asked, a wrong question is another matter",
  async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 1_000 });
    const client = await pool.connect();
    expect(isUnavailable(await failure(() => pool.query("select 1")))).toBe(true);
    expect(isUnavailable(await failure(() => client.query("select nothing")))).toBe(false);
    const ended = failure(() => client.query("select pg_terminate_backend(pg_backend_pid())"));
    client.on("error", () => {});
    expect(isUnavailable(await ended)).toBe(true);
    client.release(true);
    await pool.end();
  },
);

it("a server that is not there cannot be asked, however deep the reason lies", async () => {
  const client = new pg.Client({ host: "127.0.0.1", port: 1 });
  const refused = await failure(() => client.connect());
  expect(isUnavailable(refused)).toBe(true);
  expect(isUnavailable(new Error("Failed to create user", { cause: refused }))).toBe(true);
  expect(isUnavailable(new Error("no such table"))).toBe(false);
});
