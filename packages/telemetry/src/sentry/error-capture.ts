// Errors as events, and only so many: when a database is gone, every request fails in the same way.

import { Scope } from "@sentry/core";
import type { ServerRuntimeClient } from "@sentry/core/server";
import { requestContext } from "../request-context.ts";
import { createTokenBucket, type TokenBucketOptions } from "../token-bucket.ts";
import { activeTrace } from "./active-trace.ts";
import type { ErrorFacts } from "./error-reports.ts";

export interface ErrorCaptureOptions {
  readonly sdk: ServerRuntimeClient;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @default 20 at once, then one in 5 seconds */
  readonly limit?: TokenBucketOptions | undefined;
}

export type CaptureError = (error: unknown, facts?: ErrorFacts) => void;

export function createErrorCapture(options: ErrorCaptureOptions): CaptureError {
  const { sdk, now, limit = { burst: 20, refillMs: 5_000 } } = options;
  const bucket = createTokenBucket(limit);
  let omitted = 0;

  return (error, { where, method, path, account, isFatal = false } = {}) => {
    // Before anything is done about it: reading a stack costs more than a request. The last words are always heard.
    if (!isFatal && !bucket.take(now())) {
      omitted += 1;
      return;
    }
    const omittedBefore = omitted;
    omitted = 0;
    const request = requestContext.getStore();
    const scope = activeTrace.getStore()?.scope.clone() ?? scopeOf(request?.traceId);
    scope.addEventProcessor((event) => ({
      ...event,
      level: isFatal ? "fatal" : "error",
      tags: { kind: "error", ...(where !== undefined && { where }) },
      extra: { requestId: request?.requestId, ...(omittedBefore > 0 && { omittedBefore }) },
      ...(account !== undefined && { user: { id: account } }),
      ...(path !== undefined && { request: { method, url: path }, transaction: `${method} ${path}` }),
    }));
    const mechanism = { type: isFatal ? "onuncaughtexception" : "generic", handled: !isFatal };
    try {
      sdk.captureException(error, { originalException: error, mechanism }, scope);
    } catch {
      // Its fields are not what they should be, and the SDK falls over them.
      sdk.captureException(new Error("An error that cannot be read"), { mechanism }, scope);
    }
  };
}

/** Under the id by which the log knows the request. */
function scopeOf(traceId: string | undefined): Scope {
  const scope = new Scope();
  if (traceId !== undefined) scope.setPropagationContext({ traceId, sampleRand: 0 });
  return scope;
}
