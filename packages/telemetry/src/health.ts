// Health: whether the things that a service needs answer, each within a time limit.

export interface HealthReport {
  /** `degraded`: requests are answered, with less than all that is there for them. */
  readonly status: "ok" | "degraded" | "failing";
  readonly checks: { readonly [name: string]: { readonly ok: boolean; readonly message?: string } };
  /** What the service does without, why (a stable code), and since when (RFC 3339). */
  readonly degraded?: { readonly [name: string]: { readonly reason: string; readonly since: string } };
}

export interface HealthOptions {
  /** Each check resolves when the thing answers, and rejects when it does not. */
  readonly checks: { readonly [name: string]: () => unknown };
  /** For each thing that the service can do without: undefined while it has it. `since` in milliseconds since 1970. */
  readonly degraded?: {
    readonly [name: string]: () => { readonly reason: string; readonly since: number } | undefined;
  };
  /** Time that each check has. @default 2_000 */
  readonly timeoutMs?: number;
  /** Told what a failing check said; the report does not say it, because anybody may read the report. */
  readonly onFailure?: (name: string, error: unknown) => void;
}

export interface Health {
  /** Runs all checks side by side. Callers at the same time share one run, so that asking often costs no more. */
  check(): Promise<HealthReport>;
}

export function createHealth({ checks, degraded = {}, timeoutMs = 2_000, onFailure }: HealthOptions): Health {
  let running: Promise<HealthReport> | undefined;

  async function one(check: () => unknown, name: string): Promise<{ ok: boolean; message?: string }> {
    const limit = Promise.withResolvers<never>();
    const late = `no answer within ${timeoutMs} ms`;
    const timer = setTimeout(() => limit.reject(new Error(late)), timeoutMs);
    try {
      await Promise.race([Promise.resolve().then(check), limit.promise]);
      return { ok: true };
    } catch (error) {
      onFailure?.(name, error);
      return {
        ok: false,
        message: error instanceof Error && error.message === late ? late : "failed; see the log",
      };
    } finally {
      clearTimeout(timer);
    }
  }

  async function all(): Promise<HealthReport> {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await one(check, name)] as const),
    );
    const missed = Object.entries(degraded).flatMap(([name, ask]) => {
      const found = ask();
      return found ? [[name, { ...found, since: new Date(found.since).toISOString() }] as const] : [];
    });
    const isOk = results.every(([, result]) => result.ok);
    return {
      status: !isOk ? "failing" : missed.length > 0 ? "degraded" : "ok",
      checks: Object.fromEntries(results),
      ...(missed.length > 0 && { degraded: Object.fromEntries(missed) }),
    };
  }

  return {
    check() {
      running ??= all().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
