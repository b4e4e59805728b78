// Brings envelopes to Sentry over few connections, each in limited time, and leaves a receiver alone that does not answer.

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type BaseTransportOptions, createTransport, type Transport } from "@sentry/core";

export interface SentryTransportOptions {
  /** Time for one envelope, from its turn to its answer. @default 5_000 */
  readonly timeoutMs?: number | undefined;
  /** How many envelopes may be under way; what comes on top of them is dropped. @default 32 */
  readonly maxPending?: number | undefined;
  /** A larger one is dropped. What is scrubbed stays far below it. @default 512 kB */
  readonly maxBytes?: number;
  /** Told when reports stop getting through, and why, and with undefined when they do again. */
  readonly onTrouble: (reason: string | undefined) => void;
  readonly now: () => number;
}

export interface SentryTransport {
  /** What the SDK asks for. */
  readonly make: (options: BaseTransportOptions) => Transport;
  /** Closes the connections. */
  close(): void;
}

/** Connections at once: an answer takes some ten milliseconds, and reports are rare. */
const maxSockets = 4;
const firstPauseMs = 2_000;
const longestPauseMs = 5 * 60_000;
/** What a receiver may ask for: a larger number would end all reports until the next start. */
const longestLimitSeconds = 3_600;
const categories = new Set(["", "default", "error", "transaction", "span", "profile_chunk", "attachment"]);

export function createSentryTransport(options: SentryTransportOptions): SentryTransport {
  const { timeoutMs = 5_000, maxPending = 32, maxBytes = 512 * 1024, onTrouble, now } = options;
  const settings = { keepAlive: true, maxSockets, maxFreeSockets: 1, timeout: 30_000 };
  const agents = { "http:": new HttpAgent(settings), "https:": new HttpsAgent(settings) };
  const underWay = new Set<ClientRequest>();
  let failures = 0;
  let pausedUntil = 0;

  function failed(reason: string): void {
    // Those that were under way together are one failure.
    if (now() < pausedUntil) return;
    pausedUntil = now() + Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
    failures += 1;
    if (failures === 1) onTrouble(reason);
    // What waits behind it would fare no better, and takes memory.
    for (const request of underWay) request.destroy(new Error("Sentry takes no reports"));
  }

  function worked(): void {
    if (failures > 0) onTrouble(undefined);
    failures = 0;
    pausedUntil = 0;
  }

  async function post(url: URL, headers: BaseTransportOptions["headers"], body: string | Uint8Array) {
    const isSecure = url.protocol === "https:";
    const answer = Promise.withResolvers<IncomingMessage>();
    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      method: "POST",
      agent: agents[isSecure ? "https:" : "http:"],
      headers: { ...headers, "content-type": "application/x-sentry-envelope" },
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    timer.unref();
    underWay.add(request);
    request.once("error", answer.reject).once("response", answer.resolve).end(body);
    try {
      const response = await answer.promise;
      // Nobody reads what it says. An answer without end is cut off by the timer.
      response.on("error", () => {}).resume();
      await new Promise((done) => response.once("close", done));
      if (!response.complete) throw new Error(`no whole answer within ${timeoutMs} ms`);
      return response;
    } finally {
      underWay.delete(request);
      clearTimeout(timer);
    }
  }

  function make({ url, headers, recordDroppedEvent }: BaseTransportOptions): Transport {
    const target = new URL(url);
    return createTransport({ recordDroppedEvent, bufferSize: maxPending }, async ({ body }) => {
      if (now() < pausedUntil || body.length > maxBytes) return {};
      let response: IncomingMessage;
      try {
        response = await post(target, headers, body);
      } catch (error) {
        failed(error instanceof Error ? error.message : String(error));
        throw error;
      }
      const { statusCode = 0 } = response;
      // 413 and 429 are about what was sent; a receiver that is there and takes nothing else is as good as none.
      if ((statusCode >= 200 && statusCode < 300) || [413, 429].includes(statusCode)) worked();
      else failed(`status ${statusCode}`);
      return { statusCode, headers: limitsIn(response) };
    });
  }

  return {
    make,
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** The limits that a receiver sets (https://develop.sentry.dev/sdk/expected-features/rate-limiting/), as far as they make sense. */
function limitsIn({ headers, statusCode }: IncomingMessage) {
  const asked = [headers["x-sentry-rate-limits"] ?? []].flat().join(",");
  const limits = asked.slice(0, 1_000).split(",").flatMap(readLimit);
  const retryAfter = statusCode === 429 ? headers["retry-after"] : undefined;
  return {
    "x-sentry-rate-limits": limits.length > 0 ? limits.join(",") : null,
    "retry-after": retryAfter === undefined ? null : String(readSeconds(retryAfter)),
  };
}

function readLimit(limit: string): string[] {
  const [seconds = "", names = ""] = limit.trim().split(":");
  if (seconds === "") return [];
  const known = names.split(";").filter((name) => categories.has(name));
  return known.length === 0 ? [] : [`${readSeconds(seconds)}:${known.join(";")}:organization`];
}

/** RFC 9110, section 10.2.3 also allows a date; it is taken as a minute, and so is what means nothing. */
function readSeconds(text: string): number {
  return /^\d{1,15}(\.\d+)?$/.test(text.trim()) ? Math.min(Math.ceil(Number(text)), longestLimitSeconds) : 60;
}
