// Health: whether the things that a service needs answer, each within a time limit.

export interface HealthReport {
  readonly status: "ok" | "failing";
  readonly checks: { readonly [name: string]: { readonly ok: boolean; readonly message?: string } };
}

export interface HealthOptions {
  /** Each check resolves when the thing answers, and rejects when it does not. */
  readonly checks: { readonly [name: string]: () => unknown };
  /** Time that each check has. @default 2_000 */
  readonly timeoutMs?: number;
  /** Told what a failing check said; the report does not say it, because anybody may read the report. */
  readonly onFailure?: (name: string, error: unknown) => void;
}

export interface Health {
  /** Runs all checks side by side. Callers at the same time share one run, so that asking often costs no more. */
  check(): Promise<HealthReport>;
}

export function createHealth({ checks, timeoutMs = 2_000, onFailure }: HealthOptions): Health {
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
    const status = results.every(([, result]) => result.ok) ? "ok" : "failing";
    return { status, checks: Object.fromEntries(results) };
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
