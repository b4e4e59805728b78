// GET /performance: who may watch is decided here, as at any other door, before a WebSocket is opened.

import type { Guard } from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";
import type { Context, Handler } from "hono";
import { bearerOf, type Viewer, type Viewers } from "./viewers.ts";

export interface PerformanceRouteOptions {
  readonly viewers: Viewers;
  readonly guard: Guard;
  readonly clientIp: (c: Context) => string;
  readonly now: () => number;
  /** The origins whose pages may watch. */
  readonly origins: readonly string[];
}

/** What the server hands over with a request for a WebSocket; whoever asks without one is told to. */
export interface UpgradeEnv {
  /** Opens it; false when there are too many already. */
  readonly admit?: (viewer: Viewer) => boolean;
}

/**
 * An operator is let in whatever is decided about his address, so that he can watch what blocked him. A wrong token is a
 * failed sign-in; a session cookie is no guessable credential.
 */
export function performanceRoute(options: PerformanceRouteOptions): Handler {
  const { viewers, guard, clientIp, now } = options;
  const trusted = new Set(options.origins);

  return async (c) => {
    const origin = c.req.header("origin");
    // Browsers let any page open a WebSocket, and send the cookies of their user along; but they say whose page it is.
    if (origin !== undefined && !trusted.has(origin))
      return c.json({ code: "CSRF", message: "Other sites' pages have no business here." }, 403);
    const { headers } = c.req.raw;
    const token = bearerOf(headers);
    const operator = token === undefined ? undefined : await viewers.operator(token);
    if (operator) return open(c, operator);

    const facts = {
      ip: clientIp(c),
      userAgent: c.req.header("user-agent"),
      method: c.req.method,
      path: c.req.path,
      door: "performance",
    };
    const outcome = await guard.check({ ...facts, type: "request", at: now() });
    if (outcome.action !== "allow") {
      const { status, body, headers } = refusalOf(outcome);
      return c.json(body, status, { ...headers });
    }
    const admission = await viewers.signedIn(headers);
    if (admission === "not-admin")
      return c.json({ code: "FORBIDDEN", message: "Only admins may watch the server." }, 403);
    if (admission !== "stranger") return open(c, admission);
    if (token !== undefined)
      await guard.record({ ...facts, type: "sign-in-failure", status: 401, at: now() });
    return c.json({ code: "UNAUTHORIZED", message: "Sign in as an admin, or send an operator token." }, 401);
  };
}

function open(c: Context, viewer: Viewer): Response {
  const { admit } = c.env as UpgradeEnv;
  if (!admit) {
    const message = "This is a WebSocket: send Connection: Upgrade and Upgrade: websocket.";
    return c.json({ code: "UPGRADE_REQUIRED", message }, 426, { Upgrade: "websocket" });
  }
  if (admit(viewer)) return c.body(null, 204);
  return c.json({ code: "TOO_MANY_VIEWERS", message: "Too many watch already." }, 503);
}
