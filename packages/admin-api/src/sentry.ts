// What the admin API answers about reports to Sentry.

/** What POST sentry/test answers. */
export interface SentryTestReport {
  /** Undefined: the server has no SENTRY_DSN. */
  readonly result?:
    | {
        /** Host and project, without the key. */
        readonly to: string;
        readonly ok: boolean;
        /** By which the event is found in Sentry. */
        readonly eventId: string;
        /** What came back, or what went wrong. */
        readonly answer: string;
        readonly tookMs: number;
      }
    | undefined;
}
