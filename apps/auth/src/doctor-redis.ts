// What is wrong with Redis, for `flux doctor`: whether each server of REDIS_URL answers, which version it is, and whether it keeps what it is given.

import { parseRedisUrls } from "@fluxstudio/guard";

export interface RedisFinding {
  readonly check: "redis";
  readonly ok: boolean;
  readonly message: string;
}

/** @param urls as REDIS_URL has them; passwords in them are not repeated */
export async function* examineRedis(urls: string, timeoutMs = 2_000): AsyncGenerator<RedisFinding> {
  for (const url of parseRedisUrls(urls)) yield await examine(url, timeoutMs);
}

async function examine(url: URL, timeoutMs: number): Promise<RedisFinding> {
  const check = "redis";
  // Loaded here only: a server without Redis has no use for it.
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url: url.href,
    socket: { connectTimeout: timeoutMs, socketTimeout: timeoutMs, reconnectStrategy: false },
  });
  // The same failure rejects what is asked.
  client.on("error", () => {});
  try {
    await client.connect();
    const info = factsOf(await client.info());
    const version = info.valkey_version ? `Valkey ${info.valkey_version}` : `Redis ${info.redis_version}`;
    const policy = info.maxmemory_policy;
    // Without a limit nothing is evicted, whatever the policy.
    const evicts = policy !== undefined && policy !== "noeviction" && info.maxmemory !== "0";
    return evicts
      ? {
          check,
          ok: false,
          message: `${url.host} answers (${version}), but its maxmemory-policy is ${policy}: when it is full it forgets counts and blocks. Set noeviction.`,
        }
      : { check, ok: true, message: `${url.host} answers (${version})` };
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    const advice = "flux-auth starts without it, and counts alone. Look at REDIS_URL.";
    return { check, ok: false, message: `${url.host} cannot be used: ${why}. ${advice}` };
  } finally {
    client.destroy();
  }
}

/** `name:value`, a line each, between headings. */
function factsOf(info: string): { readonly [name: string]: string | undefined } {
  return Object.fromEntries(
    info.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}
