// The outermost middleware: each request is measured once, and is answered with the ids under which the log knows it.

import { formatTraceparent, type OpenRequest, type Requests, requestContext } from "@fluxstudio/telemetry";
import type { Context, MiddlewareHandler } from "hono";
import { visit } from "../front/waiting-room.ts";
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
    const request = requests.begin(c.req.header("traceparent"), visit.getStore()?.arrivedAt);
    const { outgoing } = (c.env ?? {}) as NodeEnv;
    if (outgoing) for (const [name, value] of idsOf(request)) outgoing.setHeader(name, value);
    try {
      await requestContext.run(request, next);
      if (!outgoing) answerWith(c, request);
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

/**
 * What @hono/node-server answers with. What is set here costs a tenth of what it costs in the answer, whose headers would
 * have to become an object of their own.
 */
interface NodeEnv {
  readonly outgoing?: { setHeader(name: string, value: string): unknown };
}

function idsOf(request: OpenRequest): (readonly [name: string, value: string])[] {
  const traceparent = formatTraceparent(request);
  const id = ["x-request-id", request.requestId] as const;
  return traceparent === undefined ? [id] : [id, ["traceparent", traceparent]];
}

/** Without a socket, as tests ask. */
function answerWith(c: Context, request: OpenRequest): void {
  // A redirect that was made by `Response.redirect` takes no more headers.
  c.res = new Response(c.res.body, c.res);
  for (const [name, value] of idsOf(request)) c.res.headers.set(name, value);
}
