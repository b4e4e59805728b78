// The WebSockets of those who watch: opened once the app has let them in, few, and never waited for.

import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { performancePath } from "@fluxstudio/admin-api";
import type { Logger } from "@fluxstudio/telemetry";
import type { WebSocket, WebSocketServer } from "ws";
import { onceLoaded } from "../once-loaded.ts";
import type { PerformanceFeed } from "./performance-feed.ts";
import type { UpgradeEnv } from "./performance-route.ts";
import type { Viewer } from "./viewers.ts";

export interface PerformanceSocketsOptions {
  /** Answers GET /performance, see `performanceRoute`. */
  readonly fetch: (
    request: Request,
    env: UpgradeEnv & { incoming: IncomingMessage },
  ) => Response | Promise<Response>;
  readonly feed: PerformanceFeed;
  readonly logger: Pick<Logger, "info" | "warn">;
  /** @default 20 */
  readonly maxViewers?: number;
  /** How often it is asked whether a viewer may still watch. @default 10_000 */
  readonly checkMs?: number;
  /** How often it is asked whether he is still there; who has not answered by the next time is not. @default 20_000 */
  readonly pingMs?: number;
}

export interface PerformanceSockets {
  /** To be called before the server listens. */
  attach(server: Server): void;
  /** How many watch. */
  count(): number;
  /** Ends all of them. */
  close(): void;
}

/** More than a few frames: whoever is that far behind is dropped, and may come back. */
const mostBufferedBytes = 256 * 1024;
/** Nothing that a viewer says is of interest; a ping has at most 125 bytes. */
const longestMessage = 125;
const mostMessages = 10;
/** Nobody could be asked whether he may still watch: after as many times it ends all the same. */
const mostFailedChecks = 3;

/** Close codes of RFC 6455, 7.4.1, and of its private range. */
const closeCodes = { goingAway: 1001, policy: 1008, over: 4401 } as const;

export function createPerformanceSockets(options: PerformanceSocketsOptions): PerformanceSockets {
  const { fetch, feed, logger, maxViewers = 20, checkMs = 10_000, pingMs = 20_000 } = options;
  // Few servers are ever watched.
  const opener = onceLoaded(openerOf);
  const watching = new Set<WebSocket>();
  /** Those that were let in and whose handshake is not done yet have a place, too. */
  let places = 0;
  let isClosed = false;

  function watch(socket: WebSocket, viewer: Viewer): void {
    let isAlive = true;
    let messages = 0;
    watching.add(socket);
    let failedChecks = 0;
    const stopListening = feed.listen((frame) => {
      if (socket.bufferedAmount > mostBufferedBytes) drop("A viewer reads too slowly");
      // One who was told that it is over sees no more, whether he answers or not.
      else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
    });
    const timers = [setInterval(check, checkMs), setInterval(ping, pingMs)];
    for (const timer of timers) timer.unref();

    function drop(why: string): void {
      logger.info({ bufferedBytes: socket.bufferedAmount }, why);
      stopListening();
      socket.terminate();
    }

    function ping(): void {
      if (!isAlive) drop("A viewer is gone");
      isAlive = false;
      socket.ping();
    }

    async function check(): Promise<void> {
      try {
        if (!(await viewer.isStillAllowed())) socket.close(closeCodes.over, "no longer allowed");
        failedChecks = 0;
      } catch (error) {
        failedChecks++;
        logger.warn({ err: error }, "It cannot be asked whether a viewer may still watch");
        if (failedChecks >= mostFailedChecks) socket.close(closeCodes.over, "cannot be asked");
      }
    }

    socket.on("pong", () => {
      isAlive = true;
    });
    socket.on("message", () => {
      if (++messages > mostMessages) socket.close(closeCodes.policy, "nothing is expected from you");
    });
    // ws closes it by itself; without a listener the error would end the process.
    socket.on("error", () => {});
    socket.once("close", () => {
      places--;
      watching.delete(socket);
      for (const timer of timers) clearInterval(timer);
      stopListening();
    });
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = () => {};
    socket.on("error", ignore);
    let viewer: Viewer | undefined;
    const admit = (one: Viewer): boolean => {
      if (isClosed || places >= maxViewers) return false;
      viewer = one;
      return true;
    };
    const response = await fetch(toRequest(request), { incoming: request, admit });
    const admitted = viewer;
    if (!admitted) return refuse(socket, response);
    const wss = await opener();
    if (socket.destroyed || isClosed || places >= maxViewers) return void socket.destroy();
    places++;
    // A handshake that ws itself refuses, or that the client does not wait for, ends with the socket.
    const giveBack = () => places--;
    socket.once("close", giveBack);
    wss.handleUpgrade(request, socket, head, (opened) => {
      socket.off("close", giveBack);
      socket.off("error", ignore);
      watch(opened, admitted);
    });
  }

  return {
    attach(server) {
      // All other requests for an upgrade, such as of clients that would like HTTP/2, are answered as if they had not asked.
      (
        server as Server & { shouldUpgradeCallback: (request: IncomingMessage) => boolean }
      ).shouldUpgradeCallback = (request) =>
        request.url?.split("?")[0] === performancePath &&
        request.headers.upgrade?.toLowerCase() === "websocket";
      server.on("upgrade", (request, socket, head) => {
        upgrade(request, socket, head).catch((error) => {
          logger.warn({ err: error }, "A live view could not be opened");
          socket.destroy();
        });
      });
    },
    count: () => places,
    close() {
      isClosed = true;
      for (const socket of watching) {
        socket.close(closeCodes.goingAway);
        // Its answer would be waited for for thirty seconds.
        setTimeout(() => socket.terminate(), 1_000).unref();
      }
    },
  };
}

async function openerOf(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import("ws");
  return new WebSocketServer({
    ...{ noServer: true, perMessageDeflate: false, clientTracking: false, maxPayload: longestMessage },
  });
}

/** The address is the app's business only as far as its path. */
function toRequest({ headers }: IncomingMessage): Request {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) copied.append(name, one);
  }
  return new Request(new URL(performancePath, "http://localhost"), { headers: copied });
}

async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  if (socket.destroyed) return;
  // What a client does not read must not keep its connection.
  socket.once("finish", () => socket.destroy());
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const { status } = response;
  socket.end(
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${headers}connection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]),
  );
}
