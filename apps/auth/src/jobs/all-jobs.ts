// The jobs of flux-auth, in the order in which they are listed.

import type { Database } from "../database/database.ts";
import { createTokenJob } from "../tokens/token-job.ts";
import type { Job } from "./job.ts";

export interface AllJobsOptions {
  readonly database: Database;
}

export function allJobs(options: AllJobsOptions): Job[] {
  return [createTokenJob(options)];
}
