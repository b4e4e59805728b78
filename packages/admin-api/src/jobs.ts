// Jobs in the contract: what an operator sees of them, and asks for.

import { z } from "zod";

/** POST jobs/:name/run. It is answered when the run has begun: GET jobs tells its end. */
export const newJobRun = z.strictObject({
  /** Says what would be done, and does nothing. */
  dryRun: z.boolean("is true or false").default(false),
});

/** One run of a job. Times are milliseconds since 1970. */
export interface JobRun {
  /** Counts the runs of this job. */
  readonly run: number;
  readonly startedAt: number;
  /** Of a run that has ended. */
  readonly durationMs?: number | undefined;
  /** How many of each kind were dealt with, so far or in all. */
  readonly counts: Readonly<Record<string, number>>;
  readonly dryRun?: boolean | undefined;
  /**
   * - `stopped`: its process was about to end; the rest is done in another one, or after the next start
   * - `interrupted`: its process ended without a word
   */
  readonly outcome?: "done" | "failed" | "stopped" | "interrupted" | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
}

export interface JobEntry {
  readonly name: string;
  readonly description: string;
  /** Cron text, in UTC. */
  readonly schedule: string;
  /** In the past: it is about to begin. */
  readonly nextRunAt: number;
  readonly running?: JobRun | undefined;
  readonly last?: JobRun | undefined;
  readonly lastDryRun?: JobRun | undefined;
}

/** A source of an IP list, as the process that answers has it: each loads its own. */
export interface FeedEntry {
  readonly list: "allowlist" | "blocklist";
  /** A path, or a URL without its query. */
  readonly source: string;
  /** `loading`: not tried to its end since the start. `failed`: what was loaded last, if anything, is in force. */
  readonly state: "loading" | "loaded" | "failed";
  /** When what is in force was loaded, perhaps by an earlier process; undefined: nothing is. */
  readonly loadedAt?: number | undefined;
  /** Networks in force. */
  readonly networks: number;
  /** Lines that are no networks, too broad, or exempt. */
  readonly leftOut: number;
  /** See docs/errors.md. */
  readonly failure?: { readonly code: string; readonly detail: string } | undefined;
}

/** What GET jobs answers. */
export interface JobList {
  readonly jobs: readonly JobEntry[];
  readonly feeds: readonly FeedEntry[];
}
