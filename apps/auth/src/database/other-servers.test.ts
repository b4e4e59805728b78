import { sql } from "kysely";
import { expect, it } from "vitest";
import { SecretError } from "../secret.ts";
import { type Database, openDatabase } from "./database.ts";
import { joinServers } from "./other-servers.ts";
import { describeDatabases, describePostgres } from "./test-database.ts";

const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";
const another = "w7Hn2xUe0aVb5kTqRj8sYc3mDf6gZp1L";

const serve = async (url: string, warnings: string[] = [], own = secret, sharesCounts = false) => {
  const logger = { warn: (_: unknown, message?: string) => void warnings.push(String(message)) };
  return joinServers(await openDatabase(url), { logger, secret: own, sharesCounts });
};

describeDatabases("servers of one database", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("the second one is told what that means, and one that comes after the first has left is not", async () => {
    const url = await databases.url();
    const warnings: string[] = [];
    const first = await serve(url, warnings);
    expect(warnings).toEqual([]);
    const second = await serve(url, warnings);
    expect(warnings).toEqual([
      expect.stringMatching(/^Another flux-auth serves this database\. Each counts/),
    ]);
    await second.close();
    const sharing = await serve(url, warnings, secret, true);
    expect(warnings).toHaveLength(1);
    await sharing.close();
    await first.close();
    const third = await serve(url, warnings);
    await third.close();
    await third.close();
    expect(warnings).toHaveLength(1);
  });
});

describePostgres("servers with different secrets", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  const refusal = {
    code: "SECRET_DIFFERS",
    message: expect.stringMatching(/^FLUX_SECRET: another flux-auth.*Give all of them the same FLUX_SECRET/),
  };

  it("do not serve one database at the same time, whichever came first and is still there", async () => {
    const url = await databases.url();
    const [first, second] = [await serve(url), await serve(url)];
    await expect(serve(url, [], another)).rejects.toMatchObject(refusal);
    await first.close();
    await expect(serve(url, [], another)).rejects.toMatchObject(refusal);
    await second.close();
    // That is how a secret is changed.
    const changed = await serve(url, [], another);
    await expect(serve(url)).rejects.toMatchObject(refusal);
    await changed.close();
  });

  it("are told apart after a restart of PostgreSQL, too", async () => {
    const url = await databases.url();
    const operator = await databases.open(url);
    const first = await serve(url);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'flux-auth lock'`.execute(operator.kysely);
    const stranger = async () => {
      const joined = await serve(url, [], another).catch((error: unknown) => error);
      return joined instanceof SecretError ? joined.code : (joined as Database).close();
    };
    await expect.poll(stranger).toBe("SECRET_DIFFERS");
    await first.close();
    await (await serve(url, [], another)).close();
  });

  it("that start at once do not both serve it", async () => {
    const url = await databases.url();
    const starts = await Promise.allSettled([serve(url), serve(url, [], another)]);
    const served = starts.filter(({ status }) => status === "fulfilled");
    expect(served.length).toBeLessThan(2);
    for (const start of starts) if (start.status === "fulfilled") await start.value.close();
  });

  it("serve two databases of one PostgreSQL", async () => {
    const one = await serve(await databases.url());
    const other = await serve(await databases.url(), [], another);
    await Promise.all([one.close(), other.close()]);
  });
});
