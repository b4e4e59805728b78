// What is attacked: flux-auth with a Redis, and around it everything that it tells of an attack: a mail server, Sentry, files, metrics.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type AlertList, adminBase } from "@fluxstudio/admin-api";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { startSentryReceiver } from "@fluxstudio/telemetry/testing";
import { openDatabase } from "../../apps/auth/src/database/database.ts";
import type { StoredEvent } from "../../apps/auth/src/events/event-row.ts";
import { startMailReceiver } from "../../apps/auth/src/mail/test-mail-receiver.ts";
import { type Canaries, createCanaries } from "../../apps/auth/src/test-canaries.ts";
import { everySink, type Sink } from "../../apps/auth/src/test-sinks.ts";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";
import { startFluxAuth } from "../server/server.ts";

/** Who is told of attacks. */
const operator = "ops@example.com";
export const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

export interface Scene {
  readonly canaries: Canaries;
  /** @param ip whom the proxy in front says that it comes from; a body makes it a POST */
  send(
    path: string,
    ip: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** The newest thousand. */
  events(): Promise<readonly StoredEvent[]>;
  alerts(): Promise<AlertList>;
  /** To the operator, by subject; in order. */
  alertMails(): readonly string[];
  /** To anybody else, as `recipient: subject`. */
  otherMails(): readonly string[];
  /** By what Sentry groups them by; one each. */
  sentryIssues(): readonly string[];
  /** Everything that was kept, written or sent, as text. */
  sinks(): Promise<readonly Sink[]>;
  stop(): Promise<void>;
}

export async function startScene(): Promise<Scene> {
  const [redisPath = ""] = provide([redisProgram]);
  const running: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const one of running.toReversed()) await one.stop();
  };
  try {
    const [redis, mails, sentry] = await Promise.all([
      startRedis(redisPath),
      startMailReceiver(),
      startSentryReceiver(),
    ]);
    running.push(redis, { stop: () => mails.close() }, { stop: () => sentry.close() });
    const secret = randomBytes(32).toString("hex");
    const metricsToken = randomBytes(32).toString("hex");
    const lines: string[] = [];
    const flux = await startFluxAuth(
      async () => ({
        // On a busy machine Redis may take longer, and what is counted without it is not exact.
        STORE_TIMEOUT_MS: "10000",
        ...{ FLUX_SECRET: secret, REDIS_URL: redis.url, TRUSTED_PROXIES: "127.0.0.1,::1" },
        ...{ SMTP_URL: mails.url, EMAIL_VERIFICATION: "optional", ALERT_MAIL_TO: operator },
        // Even what is mild is told at once here, so that each kind of attack shows.
        ...{ ALERT_MAIL_SEVERITY: "low", SENTRY_DSN: sentry.dsn, SENTRY_TRACES_SAMPLE_RATE: "1" },
        ...{ METRICS_TOKEN: metricsToken, EVENT_LOG_FILE: "events.jsonl", REFRESH_GRACE_SECONDS: "0" },
      }),
      (text) => lines.push(text),
    );
    running.push(flux);
    const canaries = createCanaries();
    const addresses = new Set<string>();

    const send: Scene["send"] = (path, ip, body, headers = {}) => {
      addresses.add(ip);
      return fetch(`${flux.url}${path}`, {
        method: body ? "POST" : "GET",
        headers: {
          ...{ "x-forwarded-for": ip, "user-agent": firefox, origin: flux.url },
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        redirect: "manual",
      });
    };
    const admin = async (_method: string, path: string): Promise<string> => {
      const token = signOperatorToken(secret, Date.now());
      const response = await fetch(`${flux.url}${adminBase}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      if (!response.ok) throw new Error(`${path} was answered with ${response.status}.`);
      return response.text();
    };
    const metrics = async () => {
      const headers = { authorization: `Bearer ${metricsToken}` };
      return (await fetch(`${flux.url}/metrics`, { headers })).text();
    };

    return {
      canaries,
      send,
      events: async () => JSON.parse(await admin("GET", "/events?limit=1000")).events,
      alerts: async () => JSON.parse(await admin("GET", "/alerts?limit=200")),
      alertMails: () =>
        mails.mails.filter(({ to }) => to.includes(operator)).map(({ subject = "" }) => subject),
      otherMails: () =>
        mails.mails
          .filter(({ to }) => !to.includes(operator))
          .map(({ to, subject }) => `${to.join()}: ${subject}`),
      sentryIssues: () => [...sentry.issues().keys()],
      async sinks() {
        const database = await openDatabase(`sqlite:${join(flux.dataDir, "flux.db")}`);
        try {
          const sinks = await everySink({
            ...{ database, lines, admin, addresses: [...addresses] },
            eventFile: join(flux.dataDir, "../events.jsonl"),
            envelopes: sentry.envelopes,
            monitoring: { metrics: { text: metrics } },
          });
          const sent = mails.mails.filter(({ to }) => to.includes(operator));
          return [
            ...sinks,
            ...sent.map(({ subject, text, html }) => ({
              name: "alert mail",
              text: `${subject}\n${text}\n${html}`,
            })),
          ];
        } finally {
          await database.close();
        }
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
