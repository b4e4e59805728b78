// Reads a Lua script that stands beside this file, once at start, and makes a library of it that a server keeps.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RedisScript } from "./redis-connection.ts";

export const loadScript = (name: string): RedisScript =>
  toScript(name, readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8"));

/**
 * Function and library are named after the text, so that two versions of this package can share a server.
 * @param text returns a function of the keys and the arguments; what stands before it is carried out once, and not for each call
 */
export function toScript(name: string, text: string): RedisScript {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const id = `flux_${name.replaceAll("-", "_")}_${digest}`;
  const source = `#!lua name=${id}\nredis.register_function("${id}", (function()\n${text}\nend)())\n`;
  return { name, id, source };
}
