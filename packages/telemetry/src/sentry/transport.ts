// Brings envelopes to Sentry over few connections, each in limited time, and leaves a receiver alone that does not answer.

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type BaseTransportOptions, createTransport, type Transport } from "@sentry/core";
import { scrubProfiles } from "./scrub-profile.ts";

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
  /**
   * Sends this envelope now, whatever limits and pauses there are, for whoever asks whether reports get through. What comes of it
   * counts as of any other. Rejects when there is no answer.
   */
  tryOut(url: string, body: string | Uint8Array): Promise<SentryAnswer>;
  /** Closes the connections. */
  close(): void;
}

export interface SentryAnswer {
  readonly statusCode: number;
  readonly headers: IncomingMessage["headers"];
  /** How it begins. */
  readonly text: string;
}

/** Of an answer, in characters: an id, or a sentence about what is wrong. */
const readOfAnswer = 1_000;
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

  async function post(
    url: URL,
    headers: BaseTransportOptions["headers"],
    body: string | Uint8Array,
  ): Promise<SentryAnswer> {
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
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (text.length < readOfAnswer) text = (text + chunk).slice(0, readOfAnswer);
      });
      // An answer without end is cut off by the timer.
      response.on("error", () => {});
      await new Promise((done) => response.once("close", done));
      if (!response.complete) throw new Error(`no whole answer within ${timeoutMs} ms`);
      return { statusCode: response.statusCode ?? 0, headers: response.headers, text };
    } finally {
      underWay.delete(request);
      clearTimeout(timer);
    }
  }

  /** Sends, and learns from what comes of it whether to go on. */
  async function exchange(...[url, headers, body]: Parameters<typeof post>): Promise<SentryAnswer> {
    let answer: SentryAnswer;
    try {
      answer = await post(url, headers, body);
    } catch (error) {
      failed(reasonOf(error));
      throw error;
    }
    const { statusCode } = answer;
    // 413 and 429 are about what was sent; a receiver that is there and takes nothing else is as good as none.
    if (isTaken(statusCode) || [413, 429].includes(statusCode)) worked();
    else failed(`status ${statusCode}`);
    return answer;
  }

  function make({ url, headers, recordDroppedEvent }: BaseTransportOptions): Transport {
    const target = new URL(url);
    const sender = createTransport({ recordDroppedEvent, bufferSize: maxPending }, async ({ body }) => {
      if (now() < pausedUntil || body.length > maxBytes) return {};
      const answer = await exchange(target, headers, body);
      return { statusCode: answer.statusCode, headers: limitsIn(answer) };
    });
    return { ...sender, send: (envelope) => sender.send(scrubProfiles(envelope)) };
  }

  return {
    make,
    tryOut: (url, body) => exchange(new URL(url), {}, body),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

export const isTaken = (statusCode: number): boolean => statusCode >= 200 && statusCode < 300;

/** Why there is no answer. An error about several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

/** The limits that a receiver sets (https://develop.sentry.dev/sdk/expected-features/rate-limiting/), as far as they make sense. */
function limitsIn({ headers, statusCode }: SentryAnswer) {
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
export function readSeconds(text: string): number {
  return /^\d{1,15}(\.\d+)?$/.test(text.trim()) ? Math.min(Math.ceil(Number(text)), longestLimitSeconds) : 60;
}
