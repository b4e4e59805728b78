// `npm run create-rule -- ID`: starts a new rule of the guard.

import { join } from "node:path";
import { createRule } from "./rule-template.ts";

const [id, ...rest] = process.argv.slice(2);
try {
  if (id === undefined || rest.length > 0)
    throw new Error("usage: npm run create-rule -- ID, such as password-spraying");
  const files = createRule(join(import.meta.dirname, ".."), id);
  console.log(`Wrote ${files.join("\n      ")}`);
  console.log("Next: replace what says REPLACE: in them; npm run check lists what is left.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
