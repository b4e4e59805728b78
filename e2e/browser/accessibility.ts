// What axe finds on a page, and whether it fits its window.

import axe from "axe-core";
import type { Page } from "playwright-core";

/** What passes need not be described, and no file of the page is fetched again. */
const quick: axe.RunOptions = { resultTypes: ["violations"], preload: false };
/** WCAG 2.2 A and AA, and what axe's authors count as good practice. */
const everything: axe.RunOptions = {
  ...quick,
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
/** What differs when the same page is shown in other colours. */
const contrast: axe.RunOptions = { ...quick, runOnly: { type: "rule", values: ["color-contrast"] } };

/** One line a problem: the rule, what it asks for, and where. */
export async function accessibilityProblems(
  page: Page,
  what: "everything" | "contrast" = "everything",
): Promise<string[]> {
  const options = what === "everything" ? everything : contrast;
  // Evaluated by the browser's debugger, because the page itself runs no script but its own.
  if (!(await page.evaluate("window.axe !== undefined"))) await page.evaluate(axe.source);
  const violations: axe.Result[] = await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`),
  );
}

/** How many pixels of a page are beyond the window's right edge. */
export async function pixelsBeside(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
