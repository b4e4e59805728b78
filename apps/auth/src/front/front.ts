// What stands before the application: probes, blocked clients and sign-ins for which there is no place are answered from here.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientIp, Guard, Outcome, Signal } from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";
import { type OpenRequest, type Requests, requestContext } from "@fluxstudio/telemetry";
import { type Crowd, takesPassword } from "../busy.ts";
import { isFromElsewhere } from "../csrf.ts";
import { doorOf } from "../doors.ts";
import type { RouteLabel } from "../monitoring/route-labels.ts";
import { busyAnswer } from "../passwords.ts";
import { createAnswerWriter, type FixedAnswer } from "./fixed-answers.ts";

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly method: string;
  readonly path: string;
}

export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface FrontOptions {
  readonly guard: Pick<Guard, "check" | "refused">;
  readonly crowd: Crowd;
  readonly requests: Requests;
  readonly clientIp: ClientIp;
  readonly labelOf: (method: string, path: string) => RouteLabel;
  readonly recordedPath: (path: string) => string;
  readonly publicUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What any other path means has to be found out first; that is the application's business. */
const plainPath = /^\/[\w/-]*$/;
const well: FixedAnswer = { status: 200, headers: {}, body: { status: "ok" } };
const uncounted: Outcome = { action: "allow", retryAfterMs: 0, detections: [] };
const busy: FixedAnswer = { status: 503, ...busyAnswer };

/**
 * The application would say the same, word for word, and need ten times as long: it makes objects of the request, its headers,
 * its body and the answer. Whatever is not certain here is left to it.
 * @returns makes a listener of `node:http` that hands to `next` what it does not answer
 */
export async function createFront(options: FrontOptions): Promise<(next: Listener) => Listener> {
  const { guard, crowd, requests, recordedPath, labelOf, now } = options;
  const toProbe = await createAnswerWriter();
  const toClient = await createAnswerWriter(options.publicUrl);

  function probe(exchange: Exchange): void {
    const request = begin(exchange);
    toProbe(exchange, request, well);
    end(exchange, request, well, true);
  }

  /** False: nothing was done. */
  function turnsAway(exchange: Exchange, door: string): boolean {
    const { headers } = exchange.incoming;
    const header = (name: string) => headers[name] as string | undefined;
    // The application asks whose page sends it, and whose device it is.
    if (isFromElsewhere(header) || crowd.knows(headers.cookie)) return false;
    const signal = signalOf(exchange, door);
    const refused = guard.refused(signal);
    if (refused) {
      answer(exchange, begin(exchange), refused);
      return true;
    }
    if (!takesPassword(door) || !crowd.isTooMany(signal.ip)) return false;
    const request = begin(exchange);
    // Nobody looks at the password, but the request counts: who floods a full queue is a bot all the same.
    const outcome = requestContext.run(request, () => guard.check(signal));
    const done = (late: Outcome) => answer(exchange, request, late);
    if (outcome instanceof Promise) outcome.then(done, () => done(uncounted));
    else done(outcome);
    return true;
  }

  function signalOf({ incoming: { headers, socket }, method, path }: Exchange, door: string): Signal {
    const header = (name: string) => headers[name] as string | undefined;
    const ip = options.clientIp({ socketAddress: socket.remoteAddress, header });
    return {
      ...{ type: "request", at: now(), ip, userAgent: headers["user-agent"] },
      ...{ method, path: recordedPath(path), door },
    };
  }

  const begin = ({ incoming }: Exchange): OpenRequest =>
    requests.begin(incoming.headers.traceparent as string | undefined);

  /** Of a client that is not refused, because of the crowd. */
  function answer(exchange: Exchange, request: OpenRequest, outcome: Outcome): void {
    const { action, reason = "decision" } = outcome;
    const goesOn = action === "allow" || action === "lock";
    request.refusal = goesOn ? { action: "delay", reason: "busy" } : { action, reason };
    const fixed = goesOn ? busy : refusalOf(outcome);
    toClient(exchange, request, fixed);
    end(exchange, request, fixed, false);
  }

  function end(exchange: Exchange, request: OpenRequest, { status }: FixedAnswer, isRoutine: boolean): void {
    const { method, path } = exchange;
    const facts = () => ({ path: recordedPath(path), ip: signalOf(exchange, "").ip });
    requests.end(request, { ...labelOf(method, path), status, isRoutine, facts });
  }

  return (next) => (incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const exchange = { incoming, outgoing, method, path };
    if (path === "/healthz" && method === "GET") return probe(exchange);
    const door = plainPath.test(path) ? doorOf(method, path) : undefined;
    if (door === undefined || !turnsAway(exchange, door)) next(incoming, outgoing);
  };
}
