// docs/errors.md and the sources name the same codes.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const files = globSync("{apps,packages}/*/src/**/*.{ts,tsx}", { cwd: root }).filter(
  (file) => !/\.test\.tsx?$|\/test-|\/testing\//.test(file),
);
const sources = files.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
/** The codes of each table; one row may explain several. */
const tables = readFileSync(join(root, "docs/errors.md"), "utf8")
  .split(/\n(?!\|)/)
  .map((table) => [...table.matchAll(/^\| (`[A-Z].*?) \|/gm)].flatMap(([, cell = ""]) => namesIn(cell)));
const documented = tables.flat();

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code as string);
}

/** Where a code is given out (`code: "X"`) or declared (`type XCode = "X" | …`). */
function codesIn(text: string): string[] {
  const places = text.match(/\bcode(?: =|\??:) .*|\btype \w*Code =[^;]*;/g) ?? [];
  return places
    .flatMap((place) => place.match(/"[A-Z][A-Z_]{2,}"/g) ?? [])
    .map((quoted) => quoted.slice(1, -1));
}

it("every code of the sources is explained", () => {
  const codes = new Set(codesIn(sources));
  expect(codes.size).toBeGreaterThan(20);
  expect([...codes].filter((code) => !documented.includes(code))).toEqual([]);
});

it("every code that is explained exists, here or in Better Auth, whose refusals pass through", () => {
  const passedOn = globSync("node_modules/{better-auth,@better-auth/*}/dist/**/*.mjs", { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const exists = (code: string) =>
    sources.includes(`"${code}"`) || new RegExp(`\\b${code}\\b`).test(passedOn);
  expect(documented.filter((code) => !exists(code))).toEqual([]);
  // A link and an access token both expire; but within a table a code has one meaning.
  for (const codes of tables) expect(codes).toEqual([...new Set(codes)]);
});

it("a code is found where it is given out and where it is declared", () => {
  const text = `c.json({ code: "ONE" }, 400); readonly code = "TWO";\ntype SomeCode =\n  | "THREE"\n  | "FOUR";\nif (code === "NOT_IT") x;`;
  expect(codesIn(text)).toEqual(["ONE", "TWO", "THREE", "FOUR"]);
});
