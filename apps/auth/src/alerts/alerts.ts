// Alerts: a sink that turns detections into incidents, and sends what operators are to know of them.

import { type EventSink, type SecurityEvent, uuidv7 } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import type { Job } from "../jobs/job.ts";
import type { Mailer } from "../mail/mailer.ts";
import { createBodies } from "./alert-body.ts";
import { createDigestJob } from "./alert-jobs.ts";
import { type AlertQuery, createAlertReview, type IncidentRecord } from "./alert-review.ts";
import type { AlertSettings } from "./alert-settings.ts";
import { createAlertStore } from "./alert-store.ts";
import type { AlertChannel } from "./channel.ts";
import { createDeliveryQueue } from "./delivery-queue.ts";
import { createDeliverySender } from "./delivery-sender.ts";
import { createDigests } from "./digests.ts";
import { createIncidentQueue } from "./incident-queue.ts";
import { createIncidents } from "./incidents.ts";
import { createMailChannel } from "./mail-channel.ts";
import { createReview } from "./review.ts";
import { createRouting } from "./routing.ts";
import { createServerProblems, type ServerParts } from "./server-problems.ts";
import { createSlackChannel } from "./slack-channel.ts";
import { createWebhookChannel } from "./webhook-channel.ts";

export interface AlertsOptions extends ServerParts {
  readonly database: Database;
  readonly settings: AlertSettings;
  readonly mailer: Pick<Mailer, "enqueue" | "find" | "goTo">;
  readonly publicUrl: string;
  /** The sentence of a rule, for people. */
  readonly summaryOf: (rule: string) => string | undefined;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, for delays. @default Math.random */
  readonly random?: () => number;
  /** How often the time that passed is looked at. @default 5_000 */
  readonly tickMs?: number;
  /** @default 10_000 */
  readonly waitMs?: number;
  /** @default 10 */
  readonly foldAfter?: number;
  /** @default 600_000 */
  readonly foldWindowMs?: number;
  /** @default 60_000 */
  readonly leaseMs?: number;
}

export interface TestResult {
  readonly channel: string;
  readonly to: string;
  readonly ok: boolean;
  /** What came back, or what went wrong. */
  readonly answer: string;
  readonly tookMs: number;
}

export interface Alerts {
  /** None when no channel is configured: then nothing is kept either. */
  readonly sinks: readonly EventSink[];
  readonly channels: readonly Pick<AlertChannel, "name" | "description" | "severity">[];
  readonly jobs: readonly Job[];
  list(query?: AlertQuery): Promise<IncidentRecord[]>;
  /** Sends a test alert through each channel, beside the queue. */
  test(): Promise<TestResult[]>;
  /** Looks at what time has brought, as it does every `tickMs`. */
  tick(): Promise<void>;
  /** Sends what is due. Resolves when nothing more can be sent now. */
  sendDue(): Promise<void>;
}

const serverQuietMs = 120_000;
const testTimeoutMs = 15_000;
const closeGraceMs = 2_000;

export function createAlerts(options: AlertsOptions): Alerts {
  const { database, settings, mailer, logger, now, random = Math.random, tickMs = 5_000 } = options;
  const { waitMs = 10_000, foldAfter = 10, foldWindowMs = 600_000, publicUrl, summaryOf } = options;
  const channels: readonly AlertChannel[] = [
    ...(settings.mail ? [createMailChannel({ ...settings.mail, mailer })] : []),
    ...(settings.webhook ? [createWebhookChannel(settings.webhook)] : []),
    ...(settings.slack ? [createSlackChannel(settings.slack)] : []),
  ];
  const review = createAlertReview(database);
  const shown = channels.map(({ name, description, severity }) => ({ name, description, severity }));
  if (channels.length === 0) {
    logger.info("Alerts are off: set ALERT_MAIL_TO, ALERT_WEBHOOK_URL or ALERT_SLACK_URL");
    const nothing = async () => {};
    return {
      sinks: [],
      channels: [],
      jobs: [],
      list: review.list,
      test: async () => [],
      tick: nothing,
      sendDue: nothing,
    };
  }
  logger.info({ channels: shown }, "Alerts are on");

  const bodies = createBodies({ publicUrl, summaryOf });
  const bodyOf = bodies.incident;
  const store = createAlertStore(database);
  const routing = createRouting({ channels, ...settings });
  const incidents = createIncidents({
    ...{ store, routing, bodyOf, waitMs, foldAfter, foldWindowMs },
    ...settings,
  });
  const upkeep = createReview({ ...{ database, store, routing, bodyOf, serverQuietMs }, ...settings });
  const digests = createDigests({ database, store, channels, digestBodyOf: bodies.digest });
  const deliveries = createDeliveryQueue({ ...options, store, bodyOf });
  const sender = createDeliverySender({ queue: deliveries, channels, logger, now, random });
  const problems = createServerProblems(options);
  const queue = createIncidentQueue({
    ...{ incidents, logger, now },
    knownForMs: Math.min(settings.quietMs, 60_000),
    // Just after it is due; the tick comes along anyway.
    onStored: () => void setTimeout(sender.wake, waitMs + 50).unref(),
  });
  let ticking: Promise<void> | undefined;
  const timer = setInterval(() => void tick(), tickMs);
  timer.unref();

  function tick(): Promise<void> {
    ticking ??= look().finally(() => {
      ticking = undefined;
    });
    return ticking;
  }

  async function look(): Promise<void> {
    try {
      await problems.report(now(), incidents.record);
      await upkeep.run(now());
    } catch (error) {
      logger.error({ err: error }, "Incidents cannot be looked at; trying again");
    }
    sender.wake();
  }

  async function testOne(channel: AlertChannel): Promise<TestResult> {
    const startedAt = performance.now();
    const message = { id: uuidv7(now()), body: bodies.test(now()), at: now() };
    const result = await channel.test(message, AbortSignal.timeout(testTimeoutMs)).then(
      (answer) => ({ ok: true, answer }),
      (error) => ({ ok: false, answer: error instanceof Error ? error.message : String(error) }),
    );
    const tookMs = Math.round(performance.now() - startedAt);
    return { channel: channel.name, to: channel.description, ...result, tookMs };
  }

  const sink: EventSink = {
    name: "alerts",
    write: (event: SecurityEvent) => queue.write(event),
    flush: () => queue.flush(),
    async close() {
      clearInterval(timer);
      await ticking;
      await Promise.allSettled([queue.close(), sender.close(closeGraceMs)]);
    },
  };

  return {
    sinks: [sink],
    channels: shown,
    jobs: [createDigestJob({ store, digests, onDigest: () => sender.wake() })],
    list: review.list,
    test: () => Promise.all(channels.map(testOne)),
    tick,
    async sendDue() {
      await queue.flush();
      sender.wake();
      await sender.idle();
    },
  };
}
