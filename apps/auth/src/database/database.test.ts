// Both engines behave alike where the rest of the server relies on it.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { describeDatabases } from "./test-database.ts";

const token = {
  id: "1",
  name: "laptop",
  hash: "h1",
  created_at: 1_795_000_000_123,
  last_used_at: null,
  expires_at: null,
};

const migrationFiles = readdirSync(new URL("./migrations", import.meta.url))
  .sort()
  .map((file) => ({ name: file.replace(/\.ts$/, "") }));

describeDatabases("the database", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("has no tables before it is migrated, and all of them after", async () => {
    const database = await databases.open(await databases.emptyUrl());
    expect(await database.kysely.introspection.getTables()).toEqual([]);
    await migrate(database);
    const names = (await database.kysely.introspection.getTables()).map((table) => table.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "decision",
        "mail_outbox",
        "operator_token",
        "security_detection",
        "security_event",
      ]),
    );
  });

  it("can be migrated again without harm", async () => {
    const database = await databases.migrated();
    await database.kysely.insertInto("operator_token").values(token).execute();
    await migrate(database);
    expect(await database.kysely.selectFrom("operator_token").selectAll().execute()).toEqual([token]);
  });

  it("is migrated once by connections that start at the same time", async () => {
    const url = await databases.emptyUrl();
    const first = await databases.open(url);
    await Promise.all([first, await databases.open(url), await databases.open(url)].map(migrate));
    const { rows } = await sql`select name from flux_migration order by name`.execute(first.kysely);
    expect(rows).toEqual(migrationFiles);
  });

  it("is migrated once by processes that start at the same time", async () => {
    const url = await databases.emptyUrl();
    const script = `
      import { openDatabase } from ${JSON.stringify(new URL("./database.ts", import.meta.url).href)};
      import { migrate } from ${JSON.stringify(new URL("./migrate.ts", import.meta.url).href)};
      const database = await openDatabase(${JSON.stringify(url)});
      await migrate(database);
      await database.close();`;
    await Promise.all(
      [1, 2].map(() =>
        promisify(execFile)(process.execPath, ["--input-type=module-typescript", "--eval", script]),
      ),
    );
    const database = await databases.open(url);
    const { rows } = await sql`select name from flux_migration order by name`.execute(database.kysely);
    expect(rows).toEqual(migrationFiles);
  });

  it("lets one at a time run under the migration lock", async () => {
    const url = await databases.emptyUrl();
    const [one, two] = [await databases.open(url), await databases.open(url)];
    const steps: string[] = [];
    const release = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const first = withMigrationLock(one, async () => {
      steps.push("first begins");
      holding.resolve();
      await release.promise;
      steps.push("first ends");
    });
    await holding.promise;
    const lock = await two.openLock("migration");
    expect(await lock.tryAcquire()).toBe(false);
    await lock.close();
    const second = withMigrationLock(two, async () => void steps.push("second"));
    release.resolve();
    await Promise.all([first, second]);
    expect(steps).toEqual(["first begins", "first ends", "second"]);
  });

  it("frees the migration lock when what ran under it fails", async () => {
    const database = await databases.open(await databases.emptyUrl());
    await expect(withMigrationLock(database, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withMigrationLock(database, async () => "free")).toBe("free");
  });

  it("hands milliseconds and counts over as numbers, and rows back from an insert", async () => {
    const { kysely } = await databases.migrated();
    const inserted = await kysely
      .insertInto("operator_token")
      .values(token)
      .returningAll()
      .executeTakeFirst();
    expect(inserted).toEqual(token);
    const counted = await kysely
      .selectFrom("operator_token")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirst();
    expect(counted).toEqual({ count: 1 });
    const result = await kysely.updateTable("operator_token").set({ name: "desktop" }).executeTakeFirst();
    expect(result.numUpdatedRows).toBe(1n);
  });

  it("keeps nothing of a transaction that fails, and works on", async () => {
    const { kysely } = await databases.migrated();
    const failed = kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto("operator_token").values(token).execute();
      await transaction.insertInto("operator_token").values(token).execute();
    });
    await expect(failed).rejects.toThrow(/unique/i);
    expect(await kysely.selectFrom("operator_token").selectAll().execute()).toEqual([]);
  });

  it("runs transactions side by side without mixing them", async () => {
    const { kysely } = await databases.migrated();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        kysely.transaction().execute(async (transaction) => {
          await transaction
            .insertInto("operator_token")
            .values({ ...token, id: `${i}`, hash: `${i}` })
            .execute();
          if (i % 2) await transaction.deleteFrom("operator_token").where("id", "=", `${i}`).execute();
        }),
      ),
    );
    expect(await kysely.selectFrom("operator_token").select("id").execute()).toHaveLength(10);
  });

  it("refuses a detection without its event", async () => {
    const { kysely } = await databases.migrated();
    const orphan = {
      event_id: "none",
      at: 1,
      rule: "r",
      scope: "ip",
      value: "v",
      severity: "low",
      mode: "monitor",
    } as const;
    await expect(kysely.insertInto("security_detection").values(orphan).execute()).rejects.toThrow(
      /foreign key/i,
    );
  });

  it("can be closed twice", async () => {
    const database = await openDatabase(await databases.emptyUrl());
    await database.close();
    await database.close();
  });
});

it("a database file and its companions are readable by their owner only", async () => {
  const directory = mkdtempSync(join(tmpdir(), "flux-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(`${directory}/flux.db`, "", { mode: 0o644 });
  const database = await openDatabase(`sqlite:${directory}/flux.db`);
  await migrate(database);
  const modes = readdirSync(directory).map((name) =>
    (statSync(`${directory}/${name}`).mode & 0o777).toString(8),
  );
  expect(modes.length).toBeGreaterThan(2);
  expect(new Set(modes)).toEqual(new Set(["600"]));
  await database.close();
});

it("a database in memory needs no file", async () => {
  const database = await openDatabase(":memory:");
  await migrate(database);
  expect(await database.kysely.selectFrom("decision").selectAll().execute()).toEqual([]);
  await database.close();
});
