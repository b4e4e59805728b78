// A test of the way to Sentry: one event, past all limits of ours, and what the receiver answered.

import {
  createEventEnvelope,
  type Event,
  getEnvelopeEndpointWithUrlEncodedAuth,
  serializeEnvelope,
  uuid4,
} from "@sentry/core";
import type { ServerRuntimeClient } from "@sentry/core/server";
import type { Dsn } from "./dsn.ts";
import { scrubEvent } from "./scrub-event.ts";
import { isTaken, readSeconds, reasonOf, type SentryAnswer, type SentryTransport } from "./transport.ts";

/** What came of a test of the way to Sentry. */
export interface ReportTest {
  /** Host and project, without the key. */
  readonly to: string;
  readonly ok: boolean;
  /** By which the event is found in Sentry. */
  readonly eventId: string;
  /** What came back, or what went wrong. */
  readonly answer: string;
  readonly tookMs: number;
}

export interface ReportTestOptions {
  readonly sdk: ServerRuntimeClient;
  readonly transport: Pick<SentryTransport, "tryOut">;
  readonly dsn: Dsn;
  readonly environment: string;
  readonly release: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @returns what sends one, and never rejects */
export function createReportTest(options: ReportTestOptions): () => Promise<ReportTest> {
  const { sdk, transport, dsn, environment, release, now } = options;
  const to = `${dsn.host}, project ${dsn.projectId}`;

  return async () => {
    const eventId = uuid4();
    const event: Event = {
      event_id: eventId,
      timestamp: now() / 1000,
      ...{ platform: "node", level: "info", logger: "flux.test", environment, release },
      message: "A test of reports, which an operator has asked for",
      fingerprint: ["test"],
      tags: { kind: "test" },
    };
    const target = sdk.getDsn();
    if (!target) throw new Error("The SDK has no DSN.");
    const metadata = sdk.getSdkMetadata();
    const envelope = createEventEnvelope(scrubEvent(event), target, metadata);
    const url = getEnvelopeEndpointWithUrlEncodedAuth(target, undefined, metadata?.sdk);
    const startedAt = performance.now();
    const result = await transport.tryOut(url, serializeEnvelope(envelope)).then(
      (answer) => ({ ok: isTaken(answer.statusCode), answer: inWords(answer, eventId) }),
      (error) => ({ ok: false, answer: reasonOf(error) }),
    );
    const tookMs = Math.round(performance.now() - startedAt);
    const answer = result.answer.replaceAll(dsn.publicKey, "KEY");
    return { to, eventId, ...result, answer, tookMs };
  };
}

function inWords({ statusCode, headers, text }: SentryAnswer, eventId: string): string {
  const said = read(text);
  if (isTaken(statusCode)) {
    return said.id === eventId
      ? `${statusCode}, taken`
      : `${statusCode}, without the id of the event, as receivers answer that are no Sentry`;
  }
  if (statusCode === 429) {
    const seconds = readSeconds([headers["retry-after"] ?? ""].flat().join());
    return `429: it takes nothing for ${seconds} s, as a limit or the quota is used up${why(headers, said)}`;
  }
  return `${statusCode}${meanings[statusCode] ?? ""}${why(headers, said)}`;
}

function why(headers: SentryAnswer["headers"], { detail }: ReturnType<typeof read>): string {
  const text = detail ?? [headers["x-sentry-error"] ?? []].flat().join();
  return text === "" ? "" : ` (${text.slice(0, 200)})`;
}

const meanings: Readonly<Record<number, string>> = {
  401: ": the key of the DSN is not right",
  403: ": the key of the DSN is not right, or switched off",
  404: ": there is no such project, or no Sentry at this address",
};

/** What Sentry answers; anything may stand there instead. */
function read(text: string): { readonly id?: string; readonly detail?: string } {
  try {
    const { id, detail } = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof id === "string" && { id: id.replaceAll("-", "") }),
      ...(typeof detail === "string" && { detail }),
    };
  } catch {
    return {};
  }
}
