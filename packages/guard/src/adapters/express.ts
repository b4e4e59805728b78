// Express middleware: the gate before the routes, and the client known to everything behind it. Any Connect-like server takes it.

import type { IncomingMessage, ServerResponse } from "node:http";
import { clientContext } from "./client-context.ts";
import { createGate, type Entry } from "./gate.ts";
import { ipOf, type NodeGateOptions, onceAnswered, pathOf } from "./node-request.ts";
import type { Refusal } from "./refusal.ts";

/** What Express 4 and 5 add to Node's request; without it, what Node has. */
export interface ExpressRequest extends IncomingMessage {
  /** Where the router is mounted that is at work; `url` is what remains behind it. */
  readonly baseUrl?: string;
}

export interface GuardMiddlewareOptions extends NodeGateOptions<ExpressRequest> {
  /**
   * See `GateOptions`. Express finds a route whatever the case of the letters, with a slash at the end and with some
   * backslashes for slashes, so it is asked for the path as it came, and where that is no door, as the route is written: name
   * doors in lower case.
   */
  readonly door: NodeGateOptions<ExpressRequest>["door"];
  /**
   * Told when the place of an attempt could not be given back: the answer is gone by then, so no error handler hears of it.
   * @default console.error
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Counts the requests at doors and refuses blocked clients; place it before whatever reads a body. It does not know what
 * comes of a sign-in: whoever checks the password asks `guard.check` with a `sign-in-attempt` before, and tells `guard.record`
 * a `sign-in-failure` or `sign-in-success` after it (`examples/express-guard.ts`). In Better Auth `guardPlugin` does that.
 */
export function guardMiddleware({
  clientIp,
  ipHeader,
  onError = console.error,
  ...options
}: GuardMiddlewareOptions): (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  const gate = createGate(options);
  return (request, response, next) => {
    const goOn = ({ client, refusal }: Entry): void => {
      if (refusal) {
        refuse(response, refusal);
        return;
      }
      onceAnswered(response, () => {
        // Inside an async function, so that what throws at once is a rejection, too.
        (async () => gate.leave(client))().catch(onError);
      });
      if (ipHeader !== undefined) request.headers[ipHeader] = client.ip;
      clientContext.run(client, next);
    };
    try {
      const answer = gate.enter(
        {
          ip: ipOf(request, clientIp),
          userAgent: request.headers["user-agent"],
          method: request.method ?? "GET",
          paths: spellingsOf(request),
        },
        request,
      );
      if (answer instanceof Promise) answer.then(goOn).catch(next);
      else goOn(answer);
    } catch (error) {
      next(error);
    }
  };
}

function spellingsOf({ baseUrl = "", url = "/" }: ExpressRequest): readonly [string, ...string[]] {
  const rest = pathOf(url);
  const path = baseUrl !== "" && rest === "/" ? baseUrl : baseUrl + rest;
  // Of an address with a fragment, or with a host, it takes backslashes for slashes, as browsers do.
  const plain = path
    .replaceAll("\\", "/")
    .replace(/(?<=.)\/$/, "")
    .toLowerCase();
  return plain === path ? [path] : [path, plain];
}

function refuse(response: ServerResponse, { status, body, headers }: Refusal): void {
  // Somebody else has answered meanwhile, such as a time limit.
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const json = JSON.stringify(body);
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", Buffer.byteLength(json));
  response.end(json);
}
