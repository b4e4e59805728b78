// What is made when it is first needed, once, and is asked for again after a failure.

export interface OnceLoaded<Value> {
  (): Promise<Value>;
  /** What was loaded so far; loads nothing. */
  loaded(): Promise<Value> | undefined;
}

/** A promise that was kept though it failed would turn a moment without file descriptors into an outage until the next start. */
export function onceLoaded<Value>(load: () => Promise<Value>): OnceLoaded<Value> {
  let kept: Promise<Value> | undefined;

  function get(): Promise<Value> {
    if (kept) return kept;
    const loading = load();
    kept = loading;
    loading.catch(() => {
      if (kept === loading) kept = undefined;
    });
    return loading;
  }

  return Object.assign(get, { loaded: () => kept });
}
