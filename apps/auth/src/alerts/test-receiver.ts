// A real receiver of webhooks for tests, which refuses, stalls or hangs up when it is told to.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { AlertBody } from "./alert-body.ts";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly source: string;
  readonly body: AlertBody;
}

export interface TestReceiver {
  readonly url: string;
  /** Every request, whatever it was answered. */
  readonly requests: Received[];
  /** Answers a request; by default 204. */
  answer: (response: ServerResponse, request: Received) => void;
}

/** Closed after the test. */
export async function startReceiver(): Promise<TestReceiver> {
  const server = createServer(async (request, response) => {
    const source = await text(request).catch(() => undefined);
    // Whoever is killed in the middle has sent nothing.
    if (source === undefined) return;
    const received = { headers: request.headers, source, body: JSON.parse(source) };
    receiver.requests.push(received);
    receiver.answer(response, received);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver: TestReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    requests: [],
    answer: (response) => void response.writeHead(204).end(),
  };
  return receiver;
}
