// A job: work that nobody waits for, done on a schedule by one process at a time.

export interface Job {
  /** Stable: its row in the database and `flux jobs run` know it by this. */
  readonly name: string;
  /** One sentence for the operator: what it does. */
  readonly description: string;
  /** When it is due, as cron text in UTC: `17 3 * * *`. */
  readonly schedule: string;
  /**
   * May be ended between any two of its batches, and begun again by another process: what it does twice must come to the same as
   * what it does once. Rejects when it failed; what it told `progress` until then stays on record.
   */
  run(context: JobContext): Promise<void>;
}

export interface JobContext {
  /** Look, count, and change nothing. */
  readonly dryRun: boolean;
  /** Aborted when the process stops, and when another one has the job. `progress` heeds it. */
  readonly signal: AbortSignal;
  /** When the run began, milliseconds since 1970. */
  readonly now: number;
  /**
   * To be called after each batch, and with zeros at the beginning for the kinds that may come to nothing: adds to what the run has done. Lets
   * others work for a moment, and rejects with `JobStopped` when this run is not to go on.
   */
  progress(done: JobCounts): Promise<void>;
}

/** How many of each kind: `{ events: 500, detections: 12 }`. */
export type JobCounts = Readonly<Record<string, number>>;

/** The end of a run that is not its fault. To be let through. */
export class JobStopped extends Error {
  /** `lost`: another process has the job. `closing`: this process ends. */
  readonly reason: "lost" | "closing";

  constructor(reason: "lost" | "closing") {
    super(reason === "lost" ? "Another process has this job now." : "This process is about to end.");
    this.name = "JobStopped";
    this.reason = reason;
  }
}
