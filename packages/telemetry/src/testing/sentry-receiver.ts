// A receiver of Sentry's protocol on loopback, for tests: it keeps what it is sent, and can behave badly.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Envelope, parseEnvelope } from "./envelope.ts";

/**
 * - `good`: takes everything
 * - `silent`: reads, and never answers
 * - `limited`: 429 with `Retry-After` and `X-Sentry-Rate-Limits`
 * - `garbage`: bytes that are no HTTP
 * - `endless`: an answer that does not end
 * - `broken`: 500
 */
export type Behaviour = "good" | "silent" | "limited" | "garbage" | "endless" | "broken";

/** An event as far as tests look at it. */
export interface ReceivedEvent {
  readonly type?: "transaction";
  readonly event_id: string;
  readonly level?: string;
  readonly message?: string;
  readonly transaction?: string;
  readonly environment?: string;
  readonly release?: string;
  readonly fingerprint?: readonly string[];
  readonly tags?: { readonly [name: string]: string };
  readonly extra?: { readonly [name: string]: unknown };
  readonly user?: { readonly id?: string };
  readonly exception?: { readonly values: readonly { readonly type: string; readonly value: string }[] };
  readonly spans?: readonly {
    readonly op?: string;
    readonly description?: string;
    readonly start_timestamp: number;
    readonly timestamp: number;
  }[];
  readonly contexts?: { readonly trace?: { readonly trace_id: string; readonly op?: string } };
  readonly [field: string]: unknown;
}

export interface SentryReceiver {
  /** Gives it to the application under test. */
  readonly dsn: string;
  readonly envelopes: readonly Envelope[];
  /** Requests that were no envelope, or came with another key, in words. */
  readonly faults: readonly string[];
  /** How many requests there were, whatever came of them. */
  requests(): number;
  /** Connections that are open now. */
  connections(): number;
  /** Events of errors, detections and messages. */
  events(): ReceivedEvent[];
  /** Traces. */
  transactions(): ReceivedEvent[];
  /** Events by what Sentry would group them by: one key an issue. */
  issues(): Map<string, ReceivedEvent[]>;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

const publicKey = "c0ffee0123456789c0ffee0123456789";
const projectId = "42";
const largestBody = 1024 * 1024;

export async function startSentryReceiver(behaviour: Behaviour = "good"): Promise<SentryReceiver> {
  const envelopes: Envelope[] = [];
  const faults: string[] = [];
  const sockets = new Set<Socket>();
  let requests = 0;
  let current = behaviour;

  const http = createServer((request, response) => void receive(request, response));
  // In front of it, so that it can also say what no HTTP server would.
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => {});
    if (current !== "garbage") return void http.emit("connection", socket);
    socket.once("data", () => {
      requests += 1;
      socket.end("\u0000\u0001 this is no HTTP \r\n\r\n");
    });
    return undefined;
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= largestBody) chunks.push(chunk);
    }
    if (current === "silent") return;
    if (current === "limited") {
      const limits = { "retry-after": "60", "x-sentry-rate-limits": "60::organization" };
      response.writeHead(429, limits).end('{"detail":"rate limited"}');
      return;
    }
    if (current === "endless") {
      response.writeHead(200);
      response.write("{");
      return;
    }
    if (current === "broken") {
      response.writeHead(500).end();
      return;
    }
    try {
      if (size > largestBody) throw new Error(`A body of ${size} bytes.`);
      refuseStranger(request);
      const envelope = parseEnvelope(unpacked(Buffer.concat(chunks), request.headers["content-encoding"]));
      envelopes.push(envelope);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: envelope.header.event_id }));
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      response.writeHead(400).end();
    }
  }

  const itemsOf = (type: string) =>
    envelopes
      .flatMap(({ items }) => items.filter((item) => item.type === type))
      .map(({ payload }) => {
        return JSON.parse(payload) as ReceivedEvent;
      });

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://${publicKey}@127.0.0.1:${port}/${projectId}`,
    envelopes,
    faults,
    requests: () => requests,
    connections: () => sockets.size,
    events: () => itemsOf("event"),
    transactions: () => itemsOf("transaction"),
    issues: () => Map.groupBy(itemsOf("event"), groupOf),
    behave(next) {
      current = next;
    },
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      http.close();
      await closed;
    },
  };
}

/** The key comes in the query or in a header (https://develop.sentry.dev/sdk/overview/#authentication). */
function refuseStranger({ method, url = "", headers }: IncomingMessage): void {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (method !== "POST" || pathname !== `/api/${projectId}/envelope/`)
    throw new Error(`${method} ${pathname}`);
  const [, inHeader] = /\bsentry_key=(\w+)/.exec(String(headers["x-sentry-auth"] ?? "")) ?? [];
  if ((searchParams.get("sentry_key") ?? inHeader) !== publicKey) throw new Error("A wrong key.");
}

function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || encoding === "identity") return body;
  if (encoding === "gzip") return gunzipSync(body, { maxOutputLength: largestBody });
  if (encoding === "br") return brotliDecompressSync(body, { maxOutputLength: largestBody });
  throw new Error(`The encoding ${encoding} is not known.`);
}

/** Sentry groups by fingerprint where there is one, and else by the error's type and place; here by its type and words. */
function groupOf({ fingerprint, exception, message = "" }: ReceivedEvent): string {
  if (fingerprint) return fingerprint.join(" ");
  const last = exception?.values.at(-1);
  return last ? `${last.type}: ${last.value}` : message;
}
