// Says which imports break the architecture's table, and fails when there are any or when it saw no code.

import { join, resolve } from "node:path";
import { scan } from "./import-table/scan.ts";

/** Fewer files than this means that the scan looked in the wrong place. */
const fewestFiles = 20;

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const { violations, fileCount, areas } = scan(root);
for (const { file, line, what, reason } of violations) {
  console.log(`${file}${line > 0 ? `:${line}` : ""} ${what}. ${reason}`);
}
const empty = [...areas].filter(([, count]) => count === 0).map(([area]) => area);
for (const area of empty) console.log(`${area} holds no source file: nothing of it was checked.`);
if (fileCount < fewestFiles) console.log(`Only ${fileCount} source files were found: nothing was proved.`);
console.log(`${violations.length} violations in ${fileCount} files of ${areas.size} areas.`);
process.exit(violations.length === 0 && empty.length === 0 && fileCount >= fewestFiles ? 0 : 1);
