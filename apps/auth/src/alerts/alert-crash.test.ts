// A hundred kills: every incident that was acknowledged is told, whoever dies while storing or sending it.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startReceiver } from "./test-receiver.ts";

// A start takes a sixth of a second on a quiet machine, and many times that on a busy one.
vi.setConfig({ testTimeout: 240_000 });

const sideBySide = 2;
const attacksOfOne = 5;

/** Where its modules are found. */
const cache = join(import.meta.dirname, "../../../../node_modules/.cache");
mkdirSync(cache, { recursive: true });
const directory = mkdtempSync(join(cache, "alert-process-"));
const program = join(directory, "program.mjs");

/** One file starts in a tenth of the time that a few hundred modules take, and it is started a hundred times. */
beforeAll(async () => {
  await build({
    input: fileURLToPath(new URL("./test-alert-process.ts", import.meta.url)),
    output: { file: program, format: "esm" },
    platform: "node",
    external: ["pg"],
    logLevel: "silent",
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

describeDatabases("kills", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("lose no alert, and what is sent twice has the same id and the same words", async () => {
    const databaseUrl = await databases.url();
    const { kysely, dialect } = await databases.migratedAt(databaseUrl);
    // A transaction that is cut off is cut off in the same way on both.
    const kills = dialect === "sqlite" ? 100 : 20;
    const receiver = await startReceiver();
    const acknowledged = new Set<string>();
    /** Told of each request, and of each line of a process. */
    const watchers = new Set<(life: string | undefined) => void>();
    const tell = (life?: string) => {
      for (const watcher of watchers) watcher(life);
    };
    let asked = 0;
    // Some answers are lost, and some say no.
    receiver.answer = (response) => {
      asked++;
      if (asked % 7 === 0) response.destroy();
      else response.writeHead(asked % 5 === 0 ? 503 : 204).end();
      tell();
    };

    function start(life: string, attacks: number) {
      const args = [program, databaseUrl, receiver.url, life, String(attacks)];
      const child = spawn(process.execPath, args, {
        env: { NODE_COMPILE_CACHE: directory },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exit = new Promise<void>((done) => child.once("close", () => done()));
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line !== "ready") acknowledged.add(line.slice("stored ".length));
        tell(life);
      });
      onTestFinished(async () => {
        child.kill("SIGKILL");
        await exit;
      });
      return { child, exit };
    }

    let lives = 0;
    async function liveAndDie(): Promise<void> {
      while (lives < kills) {
        const number = lives++;
        const life = String(number);
        const { child, exit } = start(life, attacksOfOne);
        // Each dies at a moment of its own, in the middle of what it does then: every third with an alert on its way.
        const sends = number % 3 === 0;
        let left = sends ? 1 : 1 + (number % (attacksOfOne + 1));
        await new Promise<void>((die) => {
          const watcher = (whose: string | undefined) => {
            const concerns = whose === undefined || (whose === life && !sends);
            if (concerns && --left === 0) setTimeout(die, number % 4);
          };
          watchers.add(watcher);
          void exit.then(die);
        });
        expect(child.kill("SIGKILL")).toBe(true);
        await exit;
      }
    }
    await Promise.all(Array.from({ length: sideBySide }, liveAndDie));
    expect(lives).toBe(kills);
    expect(acknowledged.size).toBeGreaterThan(kills / 2);

    // What waits for its next try is due now.
    receiver.answer = (response) => void response.writeHead(204).end();
    await kysely
      .updateTable("alert_delivery")
      .set({ next_attempt_at: 0 })
      .where("status", "=", "queued")
      .execute();
    start("last", 0);
    const waiting = () =>
      kysely.selectFrom("alert_delivery").select("id").where("status", "!=", "sent").execute();
    await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 30_000, interval: 50 });

    const bodies = Map.groupBy(receiver.requests, ({ headers }) => String(headers["idempotency-key"]));
    for (const [, sent] of bodies) expect(new Set(sent.map(({ source }) => source)).size).toBe(1);
    const rules = [...bodies.values()].map(([first]) => first?.body.data.incident?.rule ?? "");
    const opened = await kysely.selectFrom("alert_incident").select("rule").execute();
    // As many ids as incidents: no incident has two, and each has one.
    expect(rules.sort()).toEqual(opened.map(({ rule }) => rule).sort());
    expect([...acknowledged].filter((rule) => !rules.includes(rule))).toEqual([]);
    // Something was lost on the way and sent again, or this test shows nothing.
    expect(receiver.requests.length).toBeGreaterThan(bodies.size);
  });
});
