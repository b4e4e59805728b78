// What the log says of feeds: that they were loaded, and when one begins or ceases to fail.

import type { RefreshReport } from "@fluxstudio/guard/ip-list";
import type { Logger } from "@fluxstudio/telemetry";

/** As many bad lines are shown. */
const shownProblems = 3;

/** @returns to be told of each refresh; says nothing while a source stays as it is */
export function createFeedLog(list: string, logger: Pick<Logger, "info" | "warn">) {
  const states = new Map<string, string>();

  return function tell({ sources }: RefreshReport): void {
    for (const { source: feed, failure, loadedAt, counts, notKept } of sources) {
      const before = states.get(feed);
      // The failure's detail may be another each time; its kind is what an operator acts upon.
      const state = failure?.code ?? (notKept === undefined ? "ok" : "NOT_KEPT");
      states.set(feed, state);
      if (state === before) continue;
      const facts = { list, feed, networks: loadedAt === undefined ? 0 : counts?.entries };
      if (failure) {
        const since = loadedAt === undefined ? undefined : new Date(loadedAt).toISOString();
        logger.warn(
          { ...facts, reason: failure.code, detail: failure.detail, since },
          since === undefined
            ? "An IP list cannot be loaded: nothing of it is in force"
            : "An IP list cannot be loaded: what was loaded last stays in force",
        );
      } else if (notKept !== undefined) {
        logger.warn({ ...facts, reason: notKept }, "An IP list cannot be kept for the next start");
      } else {
        const problems = counts?.problems
          .slice(0, shownProblems)
          .map(({ line, code, text }) => `line ${line}: ${code} ${text}`);
        logger.info(
          { ...facts, leftOut: counts?.problemCount, ...(problems?.length && { problems }) },
          before === undefined ? "An IP list is loaded" : "An IP list is loaded again",
        );
      }
    }
  };
}
