// Several flux-auths on one database and one Redis count and decide as one, and start without Redis when it is away.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createClient } from "@redis/client";
import { expect, it } from "vitest";
import { describeDatabases } from "./database/test-database.ts";
import { startTestApp } from "./test-app.ts";

/** Its own, because keys and messages of a system have fixed names. */
const ownDatabase = new URL(process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379");
ownDatabase.pathname = "/11";
const attacker = "203.0.113.7";

async function emptyRedis(): Promise<string> {
  const client = await createClient({ url: ownDatabase.href }).connect();
  await client.flushDb();
  client.destroy();
  return ownDatabase.href;
}

async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const block = (value: string) =>
  ({ action: "block", scope: "ip", value, origin: "admin", until: null, reason: "test" }) as const;

describeDatabases("flux-auths on one Redis", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("a block of one refuses at the other, and nobody is warned of a second server", async () => {
    const [databaseUrl, redisUrl] = [await databases.url(), await emptyRedis()];
    const start = () => startTestApp({ databaseUrl, env: { REDIS_URL: redisUrl } });
    const [one, other] = [await start(), await start()];
    expect(one.windows.name).toBe("redis");
    const signIn = () =>
      other.post("/api/auth/sign-in/email", { email: "a@b.example", password: "wrong one" }, attacker);
    expect((await signIn()).status).toBe(401);
    const decision = await one.guard.decide(block(attacker), Date.now());
    await expect.poll(async () => (await signIn()).status).toBe(403);
    await other.guard.lift(decision.id, Date.now());
    await expect.poll(() => one.guard.decisions(Date.now())).toEqual([]);
    expect([...one.lines, ...other.lines].filter((line) => /Another flux-auth|Redis/.test(line))).toEqual([]);
  });

  it("guesses at both count together", async () => {
    const [databaseUrl, redisUrl] = [await databases.url(), await emptyRedis()];
    const start = () => startTestApp({ databaseUrl, env: { REDIS_URL: redisUrl } });
    const apps = [await start(), await start()];
    for (let i = 0; i < 6; i++) {
      const body = { email: `${i}@b.example`, password: "wrong one" };
      await apps[i % 2]?.post("/api/auth/sign-in/email", body, attacker);
    }
    const counts = await Promise.all(apps.map((app) => app.guard.explain("ip", attacker, Date.now())));
    expect(counts[0]?.windows.length).toBeGreaterThan(0);
    expect(counts[0]?.windows).toEqual(counts[1]?.windows);
    expect(counts[0]?.decisions).toEqual(counts[1]?.decisions);
  });

  it("start without Redis within seconds, say so in a line that has no password, and share decisions through the database", async () => {
    const databaseUrl = await databases.url();
    const password = randomBytes(9).toString("hex");
    const env = { REDIS_URL: `redis://:${password}@127.0.0.1:${await deadPort()}` };
    const [one, other] = await Promise.all([
      startTestApp({ databaseUrl, env }),
      startTestApp({ databaseUrl, env }),
    ]);
    for (const { lines } of [one, other]) {
      const told = lines.filter((line) => line.includes("Redis"));
      expect(told).toEqual([expect.stringMatching(/Redis is not reachable: flux-auth starts without it/)]);
      expect(lines.join()).not.toContain(password);
    }
    const asked = await one.app.request("/readyz");
    expect(asked.status).toBe(200);
    expect(await asked.json()).toMatchObject({
      status: "degraded",
      degraded: { windows: { reason: "STORE_UNAVAILABLE" } },
    });
    for (let i = 0; i < 6; i++) {
      await one.guard.record({ type: "sign-in-failure", ip: `198.51.100.${i}`, at: Date.now() });
    }
    const givenUp = one.lines.filter((line) => line.includes("given up for now"));
    expect(givenUp).toEqual([expect.stringMatching(/"since":"\d{4}-\d\d-\d\dT[\d:.]+Z"/)]);
    await one.guard.decide(block(attacker), Date.now());
    await expect.poll(() => other.decisions.find("ip", attacker, Date.now())).toBeDefined();
  });
});
