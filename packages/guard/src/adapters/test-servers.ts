// One small application, written once for each framework that has an adapter, on a real port.

import { createServer, type Server } from "node:http";
import { Readable } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import type { ClientIp } from "../client/client-ip.ts";
import { guardMiddleware as expressGuard } from "./express.ts";
import { guardPlugin as fastifyGuard } from "./fastify.ts";
import type { GateOptions } from "./gate.ts";
import { guardMiddleware as honoGuard } from "./hono.ts";

/** By method and path. A list is sent in pieces, anything else as JSON; each gets the request's JSON and one of its headers. */
export interface Routes {
  readonly [route: string]: (body: unknown, ipHeader?: unknown) => Promise<Answer>;
}
/** What the Node adapters write an address into, when asked to. */
export const ipHeader = "x-client-ip";
type Answer = { readonly status: number; readonly json: object } | { readonly pieces: readonly string[] };

export interface TestServerOptions extends Omit<GateOptions<unknown>, "devices"> {
  readonly clientIp: ClientIp;
  /** Of the request's cookie. */
  readonly devices?: (cookie: string | undefined) => Promise<readonly string[]>;
}

export interface Framework {
  readonly name: string;
  /** Other ways to write /sign-in that reach its handler. */
  readonly spellings: readonly string[];
  /** Whether what a client sent can be written over. */
  readonly writesHeaders: boolean;
  /** Resolves with a server that listens. */
  start(options: TestServerOptions, routes: Routes): Promise<Server>;
}

/** Errors of handlers become this; what they say stays inside. */
const failed = { code: "INTERNAL" };
const entriesOf = (routes: Routes) =>
  Object.entries(routes).map(([route, handle]) => {
    const [method = "", path = ""] = route.split(" ");
    return { method, path, handle };
  });

const inHono: Framework = {
  name: "hono",
  writesHeaders: false,
  spellings: ["/sign-i%6E", "/sign-in?a", "http://127.0.0.1/sign-in"],
  start({ clientIp, devices, ...options }, routes) {
    const app = new Hono();
    app.onError((_error, c) => c.json(failed, 500));
    app.use(
      honoGuard({
        ...options,
        clientIp: (c) =>
          clientIp({ socketAddress: getConnInfo(c).remote.address, header: (name) => c.req.header(name) }),
        ...(devices && { devices: (c) => devices(c.req.header("cookie")) }),
      }),
    );
    for (const { method, path, handle } of entriesOf(routes)) {
      app.on(method, path, async (c) => {
        const answer = await handle(await c.req.json().catch(() => undefined));
        if ("json" in answer) return Response.json(answer.json, { status: answer.status });
        return new Response(Readable.toWeb(Readable.from(answer.pieces)) as unknown as ReadableStream);
      });
    }
    return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
};

const inExpress: Framework = {
  name: "express",
  writesHeaders: true,
  spellings: [
    ...["/Sign-In", "/sign-in/", "/SIGN-IN/?a", "/sign-in#a", "http://127.0.0.1/sign-in"],
    ...["/sign-in\\#a", "http://127.0.0.1/sign-in\\"],
  ],
  start({ clientIp, devices, ...options }, routes) {
    const app = express();
    app.use(
      expressGuard({
        ...options,
        clientIp,
        ipHeader,
        onError: () => {},
        ...(devices && { devices: ({ headers }) => devices(headers.cookie) }),
      }),
    );
    app.use(express.json());
    for (const { method, path, handle } of entriesOf(routes)) {
      app[method.toLowerCase() as "get"](path, async (request, response) => {
        const answer = await handle(request.body, request.headers[ipHeader]);
        if ("json" in answer) response.status(answer.status).json(answer.json);
        else Readable.from(answer.pieces).pipe(response);
      });
    }
    app.use(((_error, _request, response, _next) => {
      response.status(500).json(failed);
    }) satisfies express.ErrorRequestHandler);
    return listening(createServer(app));
  },
};

const inFastify: Framework = {
  name: "fastify",
  writesHeaders: true,
  spellings: ["/sign-i%6E", "/sign-in?a", "/sign-in#a", "http://127.0.0.1/sign-in", "/SIGN-IN/"],
  async start({ devices, ...options }, routes) {
    const app = fastify<Server>({ routerOptions: { caseSensitive: false, ignoreTrailingSlash: true } });
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send(failed));
    await app.register(fastifyGuard, {
      ...options,
      ipHeader,
      ...(devices && { devices: ({ headers }) => devices(headers.cookie) }),
    });
    // By its events, as parsers of uploads read a body: these come from the socket, not from the request.
    app.addContentTypeParser("application/json", (_request, payload, parsed) => {
      const pieces: Buffer[] = [];
      payload.on("data", (piece: Buffer) => pieces.push(piece));
      payload.on("end", () => parsed(null, JSON.parse(Buffer.concat(pieces).toString())));
    });
    // In a scope of their own: the plugin must reach into it.
    await app.register((scope, _options, registered) => {
      for (const { method, path, handle } of entriesOf(routes)) {
        scope.route({
          method,
          url: path,
          handler: async (request, reply) => {
            const answer = await handle(request.body, request.headers[ipHeader]);
            if ("json" in answer) return reply.code(answer.status).send(answer.json);
            return reply.send(Readable.from(answer.pieces));
          },
        });
      }
      registered();
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
};

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

export const frameworks: readonly Framework[] = [inHono, inExpress, inFastify];
