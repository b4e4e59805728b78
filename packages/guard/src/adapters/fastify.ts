// Fastify plugin: the gate as the first hook of each request, and the client known to everything behind it.

import type { FastifyPluginCallback, FastifyRequest } from "fastify";
import { clientContext } from "./client-context.ts";
import { createGate, type Entry } from "./gate.ts";
import { ipOf, type NodeGateOptions, onceAnswered, pathOf } from "./node-request.ts";

export interface GuardPluginOptions extends NodeGateOptions<FastifyRequest> {
  /** See `GateOptions`. It is asked for the decoded path, and where that is no door, for the pattern of the route, such as `/users/:id`. */
  readonly door: NodeGateOptions<FastifyRequest>["door"];
}

/**
 * Counts the requests at doors and refuses blocked clients; register it before other plugins with hooks. It does not know
 * what comes of a sign-in: whoever checks the password asks `guard.check` with a `sign-in-attempt` before, and tells
 * `guard.record` a `sign-in-failure` or `sign-in-success` after it (`examples/fastify-guard.ts`).
 */
export const guardPlugin: FastifyPluginCallback<GuardPluginOptions> = (app, options, registered) => {
  const { clientIp, ipHeader, ...rest } = options;
  const gate = createGate(rest);

  app.addHook("onRequest", (request, reply, done) => {
    const goOn = ({ client, refusal }: Entry): void => {
      if (refusal) {
        // Somebody else has answered meanwhile, such as a time limit.
        if (!reply.sent) reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
        return;
      }
      onceAnswered(reply.raw, () => {
        // Inside an async function, so that what throws at once is a rejection, too.
        (async () => gate.leave(client))().catch((error) => request.log.error({ err: error }));
      });
      if (ipHeader !== undefined) request.raw.headers[ipHeader] = client.ip;
      clientContext.run(client, done);
    };
    try {
      const answer = gate.enter(
        {
          ip: ipOf(request.raw, clientIp),
          userAgent: request.headers["user-agent"],
          method: request.method,
          paths: spellingsOf(request),
        },
        request,
      );
      if (answer instanceof Promise) answer.then(goOn).catch(done);
      else goOn(answer);
    } catch (error) {
      done(asError(error));
    }
  });

  registered();
};

// For the whole application and not for one scope of it: what the package fastify-plugin does, which is this one line.
Object.assign(guardPlugin, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "flux-guard",
});

/** Fastify's router decodes a path before it looks for a route, and may be told to overlook more than that. */
function spellingsOf({ url, routeOptions }: FastifyRequest): readonly [string, ...string[]] {
  const path = decoded(pathOf(url));
  return routeOptions.url === undefined || routeOptions.url === path ? [path] : [path, routeOptions.url];
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
