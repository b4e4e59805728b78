// Hono middleware: the gate before the routes, and the client known to everything behind it.

import type { Context, MiddlewareHandler } from "hono";
import { clientContext } from "./client-context.ts";
import { createGate, type GateOptions } from "./gate.ts";

export interface GuardMiddlewareOptions extends GateOptions<Context> {
  /** The client's address, see `createClientIp`: where the socket is, only the runtime under Hono knows. */
  readonly clientIp: (context: Context) => string;
}

/**
 * Counts the requests at doors and refuses blocked clients. It does not know what comes of a sign-in: whoever checks the
 * password asks `guard.check` with a `sign-in-attempt` before, and tells `guard.record` a `sign-in-failure` or
 * `sign-in-success` after it (`examples/hono-guard.ts`). In Better Auth `guardPlugin` does that.
 */
export function guardMiddleware({ clientIp, ...options }: GuardMiddlewareOptions): MiddlewareHandler {
  const gate = createGate(options);
  return async (c, next) => {
    const { method, path } = c.req;
    const userAgent = c.req.header("user-agent");
    const answer = gate.enter({ ip: clientIp(c), userAgent, method, paths: [path] }, c);
    const { client, refusal } = answer instanceof Promise ? await answer : answer;
    if (refusal) return c.json(refusal.body, refusal.status, refusal.headers);
    try {
      await clientContext.run(client, next);
    } finally {
      await gate.leave(client);
    }
    return undefined;
  };
}
