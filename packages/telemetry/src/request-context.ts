// The request that is being answered, known to everything that runs for it: its ids get into each log line.

import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "./trace-context.ts";

export interface RequestContext extends TraceContext {
  /** How the guard refused it, if it did; such a request has no log line of its own. */
  refusal?: { readonly action: string; readonly reason: string } | undefined;
  /** Work that goes on behind the answer is nobody's request any more: another one may have joined it. */
  isAnswered: boolean;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** What a log line says of the request that it was written for. */
export function requestFields(): object {
  const request = requestContext.getStore();
  return request === undefined || request.isAnswered
    ? {}
    : { requestId: request.requestId, traceId: request.traceId };
}
