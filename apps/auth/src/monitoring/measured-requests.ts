// The outermost middleware: each request is measured once, and is answered with the ids under which the log knows it.

import { formatTraceparent, type OpenRequest, type Requests, requestContext } from "@fluxstudio/telemetry";
import type { Context, MiddlewareHandler } from "hono";
import type { RouteLabel } from "./route-labels.ts";

export interface MeasuredRequestsOptions {
  readonly requests: Requests;
  readonly labelOf: (method: string, path: string) => RouteLabel;
  readonly clientIp: (c: Context) => string;
  readonly recordedPath: (path: string) => string;
}

/** Asked by probes and browsers all the time, and of interest to nobody. */
const routine = new Set(["/healthz", "/readyz", "/metrics", "/assets/:file", "/icon.svg"]);

export function measuredRequests(options: MeasuredRequestsOptions): MiddlewareHandler {
  const { requests, labelOf, clientIp, recordedPath } = options;
  return async (c, next) => {
    const { method, path } = c.req;
    const request = requests.begin(c.req.header("traceparent"));
    try {
      await requestContext.run(request, next);
      answerWith(c, request);
    } finally {
      const label = labelOf(method, path);
      requests.end(request, {
        ...label,
        status: c.res.status,
        isRoutine: routine.has(label.route),
        facts: () => ({ path: recordedPath(path), ip: clientIp(c) }),
      });
    }
  };
}

/** Hono's own way makes the answer anew for each header. */
function answerWith(c: Context, request: OpenRequest): void {
  try {
    c.res.headers.set("x-request-id", request.requestId);
  } catch {
    // A redirect that was made by `Response.redirect` takes no more headers.
    c.res = new Response(c.res.body, c.res);
    c.res.headers.set("x-request-id", request.requestId);
  }
  const traceparent = formatTraceparent(request);
  if (traceparent !== undefined) c.res.headers.set("traceparent", traceparent);
}
