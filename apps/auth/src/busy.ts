// Turns sign-ins away while no more passwords can wait to be checked, before anything is done for them.

import { clientContext } from "@fluxstudio/guard/client-context";
import { requestContext } from "@fluxstudio/telemetry";
import type { MiddlewareHandler } from "hono";
import { busyAnswer, type Passwords } from "./passwords.ts";

/** What they lead to is a password to be hashed. */
const doors: ReadonlySet<string | undefined> = new Set(["sign-in", "sign-up"]);

/**
 * To stand behind the guard's middleware. The queue would say the same, but only after the body was read and the account
 * looked up: a flood of sign-ins costs ten times as much then, and everybody else waits for it.
 */
export function busyMiddleware(passwords: Pick<Passwords, "isBusy">): MiddlewareHandler {
  return async (c, next) => {
    const client = clientContext.getStore();
    if (client && doors.has(client.door) && passwords.isBusy(client.ip)) {
      // Summed up like what the guard refuses: a flood must not write a line for each request.
      const request = requestContext.getStore();
      if (request) request.refusal = { action: "delay", reason: "busy" };
      return c.json(busyAnswer.body, 503, busyAnswer.headers);
    }
    return next();
  };
}
