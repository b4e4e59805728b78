// What happens right now, told to whoever watches; while nobody does, it costs a comparison.

export interface Watcher {
  /** @param route a pattern such as `POST /api/auth/login`; one of a fixed number */
  request(route: string, status: number, durationMs: number): void;
  storeCall(durationMs: number, hasFailed: boolean): void;
  detection(rule: string): void;
}

export interface Activity {
  /** One at a time; undefined: nobody. */
  watcher: Watcher | undefined;
}

export const createActivity = (): Activity => ({ watcher: undefined });
