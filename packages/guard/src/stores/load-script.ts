// Reads a Lua script that stands beside this file, once at start.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RedisScript } from "./redis-connection.ts";

export function loadScript(name: string): RedisScript {
  const source = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8");
  return { name, source, digest: createHash("sha1").update(source).digest("hex") };
}
