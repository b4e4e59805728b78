// Listens to what a browser complains about while a page is used.

import type { Page } from "playwright-core";

/** An answer that refuses is part of many tests, and the browser mentions each; the tests look at the answer itself. */
const refusal = /^Failed to load resource: the server responded with a status of [45]\d\d/;

/** Returns a list that grows: violations of the Content-Security-Policy, errors, and files that did not load. */
export function watchPage(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || refusal.test(message.text())) return;
    complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // Leaving a page ends what it was loading.
    if (reason !== "net::ERR_ABORTED") complaints.push(`${request.url()}: ${reason}`);
  });
  return complaints;
}
