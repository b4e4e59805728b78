// Reads a Lua script that stands beside this file, once at start, and makes a library of it that a server keeps.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RedisScript } from "./redis-connection.ts";

/** @param flags of the function: `allow-oom` for one that takes no room, so that a full server carries it out */
export const loadScript = (name: string, flags: readonly "allow-oom"[] = []): RedisScript =>
  toScript(name, readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8"), flags);

/**
 * Function and library are named after the text, so that two versions of this package can share a server.
 * @param text returns a function of the keys and the arguments; what stands before it is carried out once, and not for each call
 */
export function toScript(name: string, text: string, flags: readonly string[] = []): RedisScript {
  const digest = createHash("sha256")
    .update([text, ...flags].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const id = `flux_${name.replaceAll("-", "_")}_${digest}`;
  const listed = flags.map((flag) => `"${flag}"`).join(", ");
  const source = `#!lua name=${id}
redis.register_function{ function_name = "${id}", flags = { ${listed} }, callback = (function()
${text}
end)() }
`;
  return { name, id, source };
}
