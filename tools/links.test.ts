// A link in a page of this repository leads to a file that is there.

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const pages = globSync(
  ["*.md", "docs/**/*.md", "tools/rule-template/*.md", "{packages,apps,examples}/**/README.md"],
  {
    cwd: root,
    exclude: (path) => path.split("/").includes("node_modules"),
  },
);

/** @returns where a page's links within the repository lead, from the root */
function linksIn(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/^```.*?^```/gms, "");
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, target = ""]) =>
    join(dirname(page), target),
  );
}

it("every link within the repository leads somewhere", () => {
  const links = pages.flatMap((page) => linksIn(page).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
});
