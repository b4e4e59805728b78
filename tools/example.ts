// `npm run example -- NAME [arguments]`: one of examples/, under the pinned runtime.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = join(import.meta.dirname, "../examples");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));
const [name = "", ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const file = join(folder, `${name}.ts`);
  process.argv.splice(1, Number.POSITIVE_INFINITY, file, ...args);
  await import(pathToFileURL(file).href);
} else {
  console.error(`usage: npm run example -- NAME [arguments], with one of: ${names.join(", ")}`);
  process.exitCode = 1;
}
