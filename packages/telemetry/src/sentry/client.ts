// The SDK, set up: nothing is collected by itself, and what is handed over goes through the scrubber and our transport.
//
// `@sentry/core` is what every Sentry SDK is made of. `@sentry/node` adds instrumentation of some fifty libraries, which is not
// wanted here, takes twice the memory, and brings a build tool along (docs/decisions/0014-sentry-core.md).

import {
  createStackParser,
  linkedErrorsIntegration,
  SDK_VERSION,
  type SpanJSON,
  withStaticSpan,
} from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import type { Dsn } from "./dsn.ts";
import { loadProfiling } from "./profiling.ts";
import { createReportTest, type ReportTest } from "./report-test.ts";
import { scrubBreadcrumb, scrubEvent, scrubSpan } from "./scrub-event.ts";
import { createSentryTransport, type SentryTransportOptions } from "./transport.ts";

export interface SentryClientOptions extends SentryTransportOptions {
  readonly dsn: Dsn;
  readonly environment: string;
  readonly release: string;
  readonly tracesSampleRate: number;
  /** Told why there are no profiles although the module for them is installed. */
  readonly onNoProfiling: (error: unknown) => void;
}

export interface SentryClient {
  readonly sdk: ServerRuntimeClient;
  readonly isProfiling: boolean;
  /** Sends one event now. Never rejects. */
  readonly test: () => Promise<ReportTest>;
  /** Sends what is waiting, for so long at most. */
  close(limitMs: number): Promise<void>;
}

export async function createSentryClient(options: SentryClientOptions): Promise<SentryClient> {
  const { dsn, environment, release, tracesSampleRate, onNoProfiling } = options;
  const transport = createSentryTransport(options);
  const profiling = tracesSampleRate > 0 ? await loadProfiling(onNoProfiling) : undefined;
  const sdk = new ServerRuntimeClient({
    dsn: dsn.url,
    ...{ environment, release, tracesSampleRate },
    platform: "node",
    runtime: { name: "node", version: process.version },
    transport: transport.make,
    stackParser: createStackParser(nodeStackLineParser()),
    integrations: [linkedErrorsIntegration({ limit: 4 }), ...(profiling ? [profiling] : [])],
    ...(profiling && { profileSessionSampleRate: 1, profileLifecycle: "trace" }),
    // A trace is sent whole, once: one envelope, which any version of Sentry and its likes understand.
    traceLifecycle: "static",
    beforeSend: scrubEvent,
    beforeSendTransaction: scrubEvent,
    // The SDK would send a span unchanged if this threw.
    beforeSendSpan: withStaticSpan((span: SpanJSON) => {
      try {
        return scrubSpan(span);
      } catch {
        return { ...span, description: "", data: {} };
      }
    }),
    beforeBreadcrumb: scrubBreadcrumb,
    attachStacktrace: false,
    sendClientReports: false,
    // The scrubber makes every event anew and bounds it, so it need not be walked twice.
    normalizeDepth: 0,
    dataCollection: collectNothing,
    _metadata: { sdk: { name: "sentry.javascript.flux", version: SDK_VERSION } },
  });
  sdk.init();
  return {
    sdk,
    isProfiling: profiling !== undefined,
    test: createReportTest({ sdk, transport, dsn, environment, release, now: options.now }),
    async close(limitMs) {
      // The SDK waits twice, for its own work and for the transport, each time for as long.
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, limitMs);
      await Promise.race([sdk.close(limitMs), timer.promise]);
      clearTimeout(timeout);
      transport.close();
    },
  };
}

const collectNothing = {
  ...{ userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
  ...{ databaseQueryData: false, queues: false, stackFrameVariables: false, frameContextLines: 0 },
};
