// Turns sign-ins away while no more passwords can wait to be checked, before anything is done for them.

import { clientContext } from "@fluxstudio/guard/client-context";
import { requestContext } from "@fluxstudio/telemetry";
import type { MiddlewareHandler } from "hono";
import type { Devices } from "./devices/devices.ts";
import type { Passes } from "./front/passes.ts";
import { busyAnswer, type Passwords } from "./passwords.ts";

/** What they lead to is a password to be hashed. */
const doors: ReadonlySet<string | undefined> = new Set(["sign-in", "sign-up"]);

export const takesPassword = (door: string | undefined): boolean => doors.has(door);

export interface BusyOptions {
  readonly hashing: Pick<Passwords, "isBusy">;
  readonly devices: Pick<Devices, "shown">;
  readonly passes: Passes;
}

/**
 * To stand behind the guard's middleware. The queue would say the same, but only after the body was read and the account
 * looked up: a flood of sign-ins costs ten times as much then, and everybody else waits for it. Most are turned away before
 * that, see `createFront`.
 */
export function busyMiddleware({ hashing, devices, passes }: BusyOptions): MiddlewareHandler {
  return async (c, next) => {
    const client = clientContext.getStore();
    if (!client || !takesPassword(client.door) || !hashing.isBusy(client.ip)) return next();
    // What its cookie opens is the way to the queue, not a place in it: that is for devices of the very account.
    const cookie = c.req.header("cookie");
    if (cookie !== undefined && passes.take(devices.shown(cookie))) return next();
    // Summed up like what the guard refuses: a flood must not write a line for each request.
    const request = requestContext.getStore();
    if (request) request.refusal = { action: "delay", reason: "busy" };
    return c.json(busyAnswer.body, 503, busyAnswer.headers);
  };
}
