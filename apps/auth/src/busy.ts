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

/** Whether there are too many who want their password checked. */
export interface Crowd {
  /** Whether a password from this address would be answered with BUSY at present; it counts as refused then. */
  isTooMany(ip: string): boolean;
  /** Whether a request shows a device that may come past the queue of strangers. */
  knows(cookie: string | undefined): boolean;
  /** The same, and it has done so. */
  letsPass(cookie: string | undefined): boolean;
}

export interface CrowdOptions {
  readonly hashing: Pick<Passwords, "isBusy">;
  readonly devices: Pick<Devices, "shown">;
  readonly passes: Passes;
}

/**
 * What a device cookie opens here is the way to the queue, not a place in it: places are kept for devices of the very account
 * that is asked for, which is known only when the body has been read.
 */
export function createCrowd({ hashing, devices, passes }: CrowdOptions): Crowd {
  return {
    isTooMany: (ip) => hashing.isBusy(ip),
    knows: (cookie) => cookie !== undefined && passes.has(devices.shown(cookie)),
    letsPass: (cookie) => cookie !== undefined && passes.take(devices.shown(cookie)),
  };
}

/**
 * To stand behind the guard's middleware. The queue would say the same, but only after the body was read and the account
 * looked up: a flood of sign-ins costs ten times as much then, and everybody else waits for it.
 */
export function busyMiddleware(crowd: Crowd): MiddlewareHandler {
  return async (c, next) => {
    const client = clientContext.getStore();
    if (
      client &&
      takesPassword(client.door) &&
      crowd.isTooMany(client.ip) &&
      !crowd.letsPass(c.req.header("cookie"))
    ) {
      // Summed up like what the guard refuses: a flood must not write a line for each request.
      const request = requestContext.getStore();
      if (request) request.refusal = { action: "delay", reason: "busy" };
      return c.json(busyAnswer.body, 503, busyAnswer.headers);
    }
    return next();
  };
}
