// Waits for something, but not for ever.

/** @throws Error when it took longer; what it comes to then concerns nobody any more */
export async function inTime<Value>(value: Value | Promise<Value>, limitMs: number): Promise<Value> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([value, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
