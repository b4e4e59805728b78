// When a page was first painted, out of the browser's own trace.

import type { Page } from "playwright-core";

interface TraceEvent {
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly args: {
    readonly data?: { readonly isOutermostMainFrame?: boolean; readonly documentLoaderURL?: string };
  };
}

export interface Paints {
  /** Milliseconds since the browser set out for the page. */
  readonly firstPaint: number;
  readonly firstContentfulPaint: number;
}

/** @param open goes to one page and waits until it is there */
export async function firstPaints(page: Page, open: () => Promise<void>): Promise<Paints> {
  const browser = page.context().browser();
  if (!browser) throw new Error("The page has no browser of its own.");
  await browser.startTracing(page, { categories: ["loading", "blink.user_timing"] });
  await open();
  const trace = JSON.parse((await browser.stopTracing()).toString());
  const events: readonly TraceEvent[] = trace.traceEvents;
  const start = events.findLast(
    ({ name, args }) => name === "navigationStart" && /^http/.test(args.data?.documentLoaderURL ?? ""),
  );
  const after = (wanted: string) => {
    const event = events.find(({ name, ts }) => name === wanted && start !== undefined && ts > start.ts);
    if (!event || !start) throw new Error(`The trace has no ${wanted}.`);
    return (event.ts - start.ts) / 1_000;
  };
  return { firstPaint: after("firstPaint"), firstContentfulPaint: after("firstContentfulPaint") };
}
