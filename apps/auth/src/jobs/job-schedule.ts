// When a job is due next, by its cron text.

import { Cron } from "croner";

/** In UTC, so that all processes agree, and no day has an hour twice or none of it. */
const options = { timezone: "UTC", paused: true, mode: "5-part" } as const;

/**
 * @param at milliseconds since 1970
 * @returns the first time after it
 * @throws Error when the text is no schedule, or names a time that never comes
 */
export function nextAfter(schedule: string, at: number): number {
  const next = new Cron(schedule, options).nextRun(new Date(at));
  if (!next) throw new Error(`The schedule "${schedule}" names a time that never comes.`);
  return next.getTime();
}
