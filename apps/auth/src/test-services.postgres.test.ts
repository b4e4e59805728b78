// The PostgreSQL that `npm test` starts answers, and is closed to strangers.

import pg from "pg";
import { describe, expect, it, type TestContext } from "vitest";

describe("the PostgreSQL of this test run", () => {
  it("answers SELECT 1", async (context) => {
    const client = new pg.Client({ connectionString: address(context) });
    await client.connect();
    const { rows } = await client.query("SELECT 1 AS one");
    await client.end();
    expect(rows).toEqual([{ one: 1 }]);
  });

  it("lets a test have a database of its own", async (context) => {
    const client = new pg.Client({ connectionString: address(context) });
    await client.connect();
    await client.query("CREATE DATABASE flux_test_services");
    const own = new URL(address(context));
    own.pathname = "/flux_test_services";
    const inside = new pg.Client({ connectionString: own.href });
    await inside.connect();
    const { rows } = await inside.query("SELECT current_database() AS name");
    await inside.end();
    await client.query("DROP DATABASE flux_test_services");
    await client.end();
    expect(rows).toEqual([{ name: "flux_test_services" }]);
  });

  it("refuses a client with a wrong password", async (context) => {
    const wrong = new URL(address(context));
    wrong.password = "wrong";
    const client = new pg.Client({ connectionString: wrong.href });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
  });
});

function address(context: TestContext): string {
  return (
    process.env.FLUX_TEST_POSTGRES_URL ?? context.skip("FLUX_TEST_POSTGRES_URL is not set; npm test sets it")
  );
}
