// A thousand wrong passwords at once, spread over four processes: exactly the threshold is checked against the hash.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signIn, wasChecked } from "./client.ts";
import { type Servers, startServers } from "./servers.ts";

let servers: Servers;
const directory = mkdtempSync(join(tmpdir(), "flux-several-"));
const rules = join(directory, "rules.json");
beforeAll(async () => {
  // So many requests are a bot's: without this, that rule ends the attack before five passwords have been looked at.
  writeFileSync(rules, JSON.stringify({ "bot-activity": { mode: "monitor" } }));
  // Exactness is what is looked at, on a machine that does other things as well: Redis is waited for, and not through a proxy
  // in this process, which is busy with sending.
  servers = await startServers(4, (redisUrl) => ({
    REDIS_URL: redisUrl,
    STORE_TIMEOUT_MS: "30000",
    FLUX_RULES: rules,
  }));
}, 120_000);
afterAll(async () => {
  await servers.stop();
  rmSync(directory, { recursive: true });
});

it.each([
  { what: "one address at one account", ip: () => "203.0.113.7", account: () => "victim" },
  { what: "one address at many accounts", ip: () => "203.0.113.8", account: (i: number) => `victim ${i}` },
])("of 1,000 wrong passwords of $what, 5 are looked at", async ({ ip, account }) => {
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => {
      const { url } = servers.auths[i % servers.auths.length] as { url: string };
      return signIn(url, ip(), `${account(i).replace(" ", ".")}@example.com`, `wrong password ${i}`);
    }),
  );
  const said = servers.auths.map((one) => one.said()).join("\n");
  expect(answers.filter(wasChecked).length, said).toBe(5);
  expect(answers.filter(({ status }) => status !== 401 && status !== 429 && status !== 403)).toEqual([]);
});
