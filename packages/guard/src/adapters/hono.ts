// Hono middleware: the outermost gate. It knows the client, counts the request, and refuses whoever is blocked.

import type { Context, MiddlewareHandler } from "hono";
import type { Guard, Outcome } from "../guard.ts";
import type { Signal, SignalType } from "../signal.ts";
import { type ClientContext, clientContext } from "./client-context.ts";
import { refusalOf } from "./refusal.ts";

export interface GuardMiddlewareOptions {
  readonly guard: Guard;
  /** The client's address, see `createClientIp`. */
  readonly clientIp: (context: Context) => string;
  /** The credential door that a request asks, or undefined. Blocks refuse at doors only: open sessions go on. */
  readonly door: (method: string, path: string) => string | undefined;
  /**
   * What hands something out that a door will ask for, and takes no credential itself: refused to whoever is blocked, but no
   * request that is counted. @default none
   */
  readonly offer?: (method: string, path: string) => boolean;
  /**
   * Ids of the devices that a request at a door proves to be, of whatever accounts; a few at most. Such a request is counted
   * for its device and passes a rule's block of the address: which account it is about, and whether the device is one of
   * that account, is known only when the secret is checked, and asked again there. @default none
   */
  readonly devices?: (context: Context) => Promise<readonly string[]>;
  /** The path as it is recorded: take out what is secret in yours, such as the token of a reset link. @default unchanged */
  readonly recordedPath?: (path: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Counts the requests at doors and refuses blocked clients. It does not know what comes of a sign-in: whoever checks the
 * password asks `guard.check` with a `sign-in-attempt` before, and tells `guard.record` a `sign-in-failure` or
 * `sign-in-success` after it (`examples/hono-guard.ts`). In Better Auth `guardPlugin` does that.
 */
export function guardMiddleware({
  guard,
  clientIp,
  door,
  offer = () => false,
  devices,
  recordedPath = (path) => path,
  now = Date.now,
}: GuardMiddlewareOptions): MiddlewareHandler {
  /** A device that is refused is no worse off than one that shows no cookie. */
  async function admitDevice(request: Signal, proven: Promise<readonly string[]>): Promise<Outcome> {
    for (const device of await proven) {
      const outcome = await guard.check({ ...request, device });
      if (passes(outcome)) return outcome;
    }
    return guard.check(request);
  }

  return async (c, next) => {
    const { method, path } = c.req;
    const context: ClientContext = {
      ip: clientIp(c),
      userAgent: c.req.header("user-agent"),
      method,
      path: recordedPath(path),
      door: door(method, path),
    };
    if (context.door !== undefined || offer(method, path)) {
      const request = signalOf(context, "request", now());
      const answer = devices ? admitDevice(request, devices(c)) : guard.check(request);
      const outcome = answer instanceof Promise ? await answer : answer;
      if (!passes(outcome)) {
        const { status, body, headers } = refusalOf(outcome);
        return c.json(body, status, headers);
      }
    }
    try {
      await clientContext.run(context, next);
    } finally {
      const { attempt } = context;
      if (attempt && !attempt.settled) {
        const { id, account, device, unguessable } = attempt;
        const abandoned = signalOf(context, "sign-in-abandoned", now());
        await guard.record({ ...abandoned, id, account, device, unguessable });
      }
    }
    return undefined;
  };
}

/** A lock is about an account, which a request does not name. */
const passes = ({ action }: Outcome): boolean => action === "allow" || action === "lock";

function signalOf(
  { ip, userAgent, method, path, door }: ClientContext,
  type: SignalType,
  at: number,
): Signal {
  return { type, at, ip, userAgent, method, path, door };
}
