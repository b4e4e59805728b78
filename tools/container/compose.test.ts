// The compose file keeps to what it promises, and each mistake of a kind is found.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { configVariables } from "../../apps/auth/src/config.ts";
import { type Compose, composeProblems } from "./compose.ts";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
const facts = { variables: configVariables, isThere: (path: string) => existsSync(join(root, path)) };
const problemsOf = (yaml: string) => composeProblems(parse(yaml, { merge: true }) as Compose, facts);

it("has no mistake", () => {
  expect(problemsOf(text)).toEqual([]);
});

it.each([
  ["an image of no version", "caddy:2.10.2", "caddy:latest", "proxy: the image caddy:latest has no version"],
  ["a variable with a slip", "MAIL_FROM:", "MAIL_FORM:", "flux-auth-1: flux-auth reads no MAIL_FORM"],
  ["a secret in the file", /FLUX_SECRET: .*/, "FLUX_SECRET: abc", "flux-auth-2: FLUX_SECRET is written into"],
  ["a password in an address", /flux:\$\{[^}]*\}@/, "flux:abc@", "flux-auth-1: DATABASE_URL is written into"],
  [
    "a proxy that is not trusted",
    "172.30.83.2/32",
    "172.30.83.0/24",
    "flux-auth-1: it trusts something else",
  ],
  ["another health", /\/readyz/, "/healthz", "flux-auth-1: its health is not /readyz"],
  ["no time to end", "stop_grace_period: 60s", "stop_grace_period: 5s", "postgres: it is killed"],
  ["a store that is published", "shm_size: 128m", 'ports: ["5432:5432"]', "postgres: it is published"],
  ["a store that reaches out", "internal: true", "internal: false", "valkey: it is on a network that leads"],
  ["a store as root", "user: valkey", "user: root", "valkey: it runs as root"],
  ["a store without a password", '--requirepass "$$VALKEY_PASSWORD" ', "", "valkey: it has no --requirepass"],
  ["counts that shut it", "volatile-lru", "noeviction", "valkey: it has no --maxmemory-policy volatile-lru"],
  ["a volume that is nowhere", "proxy-state:/config", "proxy:/config", "proxy: the volume proxy is nowhere"],
  [
    "no wait for a store",
    "postgres: { condition: service_healthy }",
    "",
    "flux-auth-2: it does not wait for",
  ],
])("finds %s", (_what, from, to, problem) => {
  const spoilt = text.replace(from, to);
  expect(spoilt).not.toBe(text);

  expect(problemsOf(spoilt)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
});
