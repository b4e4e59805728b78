// What Express, Fastify and plain node:http have in common: whose request it is, and when its answer is done.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientIp } from "../client/client-ip.ts";
import type { GateOptions } from "./gate.ts";

export interface NodeGateOptions<Asked> extends GateOptions<Asked> {
  /** See `createClientIp`. What the framework itself takes for the address, and its settings about proxies, are not asked. */
  readonly clientIp: ClientIp;
  /**
   * A request header in lower case that is written over with the client's address, for what is behind and reads it there:
   * Better Auth does, from `x-forwarded-for` unless it is told otherwise. @default none
   */
  readonly ipHeader?: string;
}

/** From the socket and the proxies that `clientIp` trusts; never from what a framework takes for the address. */
export function ipOf(request: IncomingMessage, clientIp: ClientIp): string {
  return clientIp({
    socketAddress: request.socket.remoteAddress,
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  });
}

/**
 * The path of a request target as routers read it: up to a query or a fragment, which a program may well send, and without
 * the scheme and host of the absolute form (RFC 9112, section 3.2.2). Nothing else is changed: dots lead to no route.
 */
export function pathOf(target: string): string {
  const path = target.startsWith("/") ? target : target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || "/";
}

/**
 * Calls `done` once, when whoever answers has ended the answer. A client that goes away does not end it: the password that
 * it sent is still being checked, and its place given back now would be another guess beside it.
 */
export function onceAnswered(response: ServerResponse, done: () => void): void {
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    done();
  };
  const closed = () => {
    if (response.writableEnded) return finish();
    // No event tells of the end of an answer that nobody reads.
    const end: (...args: never[]) => ServerResponse = response.end;
    response.end = (...args: unknown[]) => {
      finish();
      return end.apply(response, args as never[]);
    };
  };
  if (response.closed) closed();
  else response.once("finish", finish).once("close", closed);
}
