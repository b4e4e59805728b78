// Hono middleware: the outermost gate. It knows the client, counts the request, and refuses whoever is blocked.

import type { Context, MiddlewareHandler } from "hono";
import type { Guard } from "../guard.ts";
import type { Signal, SignalType } from "../signal.ts";
import { type ClientContext, clientContext } from "./client-context.ts";
import { refusalOf } from "./refusal.ts";

export interface GuardMiddlewareOptions {
  readonly guard: Guard;
  /** The client's address, see `createClientIp`. */
  readonly clientIp: (context: Context) => string;
  /** The credential door that a request asks, or undefined. Blocks refuse at doors only: open sessions go on. */
  readonly door: (method: string, path: string) => string | undefined;
  /** The path as it is recorded: take out what is secret in yours, such as the token of a reset link. @default unchanged */
  readonly recordedPath?: (path: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export function guardMiddleware({
  guard,
  clientIp,
  door,
  recordedPath = (path) => path,
  now = Date.now,
}: GuardMiddlewareOptions): MiddlewareHandler {
  return async (c, next) => {
    const { method, path } = c.req;
    const context: ClientContext = {
      ip: clientIp(c),
      userAgent: c.req.header("user-agent"),
      method,
      path: recordedPath(path),
      door: door(method, path),
    };
    if (context.door !== undefined) {
      const outcome = await guard.check(signalOf(context, "request", now()));
      // A lock is about an account, which a request does not name.
      if (outcome.action !== "allow" && outcome.action !== "lock") {
        const { status, body, headers } = refusalOf(outcome);
        return c.json(body, status, headers);
      }
    }
    try {
      await clientContext.run(context, next);
    } finally {
      const { attempt } = context;
      if (attempt && !attempt.settled) {
        await guard.record({ ...signalOf(context, "sign-in-abandoned", now()), ...attempt });
      }
    }
    return undefined;
  };
}

function signalOf(
  { ip, userAgent, method, path, door }: ClientContext,
  type: SignalType,
  at: number,
): Signal {
  return { type, at, ip, userAgent, method, path, door };
}
