import { expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { warnUnlessOnlyServer } from "./only-server.ts";
import { describeDatabases } from "./test-database.ts";

describeDatabases("servers of one database", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("the second one is told what that means, and one that comes after the first has left is not", async () => {
    const url = await databases.url();
    const warnings: string[] = [];
    const logger = { warn: (_: unknown, message?: string) => void warnings.push(String(message)) };
    const serve = async () => warnUnlessOnlyServer(await openDatabase(url), logger);
    const first = await serve();
    expect(warnings).toEqual([]);
    const second = await serve();
    expect(warnings).toEqual([
      expect.stringMatching(/^Another flux-auth serves this database\. Each counts/),
    ]);
    await second.close();
    await first.close();
    const third = await serve();
    await third.close();
    await third.close();
    expect(warnings).toHaveLength(1);
  });
});
