// Everything flux-auth is made of, wired from a configuration; main.ts listens, tests call.

import { join } from "node:path";
import type { SetupWarning } from "@fluxstudio/admin-api";
import {
  builtInRules,
  createAccountKey,
  createClientIp,
  createGuard,
  createMemoryWindowStore,
  createPlaceLookup,
  defaultPlaceDatabase,
  type Guard,
} from "@fluxstudio/guard";
import {
  createErrorReports,
  createHealth,
  type ErrorReportsOptions,
  type Logger,
} from "@fluxstudio/telemetry";
import { sql } from "kysely";
import { toAccountOptions } from "./accounts/accounts.ts";
import type { ProviderWaits } from "./accounts/providers.ts";
import { createAlerts } from "./alerts/alerts.ts";
import { createApp } from "./app.ts";
import { createAuth } from "./auth.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { migrateAuth } from "./database/migrate-auth.ts";
import { joinServers } from "./database/other-servers.ts";
import { createSqlDecisionStore } from "./decisions/sql-decision-store.ts";
import { createDevices } from "./devices/devices.ts";
import { createAlertLog } from "./events/alert-log.ts";
import { watchArchive } from "./events/archive-watch.ts";
import { createEventFile } from "./events/event-file.ts";
import { createEventPartitions } from "./events/event-partitions.ts";
import { createEventStore } from "./events/event-store.ts";
import { createFeeds } from "./feeds/feeds.ts";
import { createWaitingRoom } from "./front/waiting-room.ts";
import { allJobs } from "./jobs/all-jobs.ts";
import { createJobs } from "./jobs/jobs.ts";
import { createFileTransport } from "./mail/file-transport.ts";
import { createMailer } from "./mail/mailer.ts";
import { createSmtpTransport } from "./mail/smtp-transport.ts";
import type { MailTransport } from "./mail/transport.ts";
import { createMonitoring } from "./monitoring/monitoring.ts";
import { builtPages } from "./pages/pages.ts";
import { createPasswords, type PasswordCost } from "./passwords.ts";
import { deriveKey } from "./secret.ts";
import { connectSharedStores } from "./shared-stores.ts";
import { createOperatorTokens } from "./tokens/operator-tokens.ts";
import { createTokenIssuer } from "./tokens/token-issuer.ts";

export interface ServicesOptions {
  readonly config: Config;
  readonly secret: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** How much of what there is is reported. */
  readonly reporting?: Pick<ErrorReportsOptions, "limits" | "sendTimeoutMs">;
  /** @default see `createPasswords` */
  readonly passwordCost?: PasswordCost | undefined;
  /** @default see `ProviderOptions` */
  readonly providerWaits?: ProviderWaits | undefined;
}

export async function createServices(options: ServicesOptions) {
  const { config, secret, logger, now = Date.now, reporting, passwordCost, providerWaits } = options;
  const reports = await createErrorReports({ ...config.sentry, logger, now, ...reporting });
  const opened = await openDatabase(config.databaseUrl, config.databasePoolSize, reports.query);
  await migrate(opened);
  const { redisUrl } = config;
  const database = await joinServers(opened, { logger, secret, sharesCounts: redisUrl !== undefined });
  const shared =
    redisUrl === undefined ? undefined : await connectSharedStores({ url: redisUrl, logger, now });
  const eventPartitions = createEventPartitions({ database, logger, now });
  await eventPartitions.makeAhead();
  const events = createEventStore(database, { logger });
  const monitoring = await createMonitoring({ settings: config.monitoring, logger, now });
  const windows = monitoring.guard.windows(shared?.windows ?? createMemoryWindowStore());
  const geo = config.geoDatabases === "bundled" ? [defaultPlaceDatabase()] : config.geoDatabases;
  const place =
    geo === "none"
      ? undefined
      : await createPlaceLookup({
          databases: geo,
          onError: (error) => logger.warn({ err: error }, error.message),
        });
  const accountKey = createAccountKey(deriveKey(secret, "account-hash"));
  const decisions = await createSqlDecisionStore(database, {
    ...{ now, logger },
    ...(shared && { mirror: shared.decisions }),
  });
  const mailer = createMailer({
    database,
    transport: mailTransport(config),
    site: { name: config.mailFrom.name || "Flux Studio", url: config.publicUrl },
    logger,
    now,
  });
  const alerts = createAlerts({
    ...{ database, settings: config.alerts, mailer, publicUrl: config.publicUrl, logger, now },
    summaryOf: (rule) => builtInRules.find(({ id }) => id === rule)?.summary,
    degraded: () => guard.degraded() ?? shared?.degraded(),
    dropped: () => events.status().dropped,
  });
  const feeds = await createFeeds({ ...config, logger, now });
  const eventFile = createEventFile(config.eventFile, logger, now);
  const archive = await watchArchive({ directory: config.retention.eventArchive, logger, now });
  const unwatchedGuard = createGuard({
    rules: builtInRules,
    settings: config.rules,
    windows,
    decisions,
    storeTimeoutMs: config.storeTimeoutMs,
    withoutReputation: config.trustedProxies,
    onError(error, where) {
      logger.error({ err: error, where }, "The guard could not use a store");
      reports.error(error, { where });
    },
    onDegraded: (degraded) =>
      degraded
        ? logger.warn(
            { ...degraded, since: new Date(degraded.since).toISOString() },
            "The window store is given up for now; each rule does what its outage says",
          )
        : logger.info("The window store is used again"),
    sinks: [
      createAlertLog(logger),
      events,
      ...eventFile.sinks,
      monitoring.guard.sink,
      ...alerts.sinks,
      ...(reports.sink ? [reports.sink] : []),
    ],
    lists: feeds.lists,
    ...(place ? { place } : {}),
  });
  const guard: Guard = monitoring.guard.guard(unwatchedGuard, now);
  const issuer = createTokenIssuer({ config, database, secret, guard, decisions, logger, now });
  const devices = createDevices({
    ...{ database, accountKey, place, now },
    key: deriveKey(secret, "device-cookie"),
    publicUrl: config.publicUrl,
  });
  const accounts = toAccountOptions({ config, secret, logger, providerWaits, now });
  const passwords = createPasswords(passwordCost);
  const room = createWaitingRoom();
  const auth = createAuth({
    config,
    database,
    guard,
    issuer,
    accountKey,
    devices,
    events,
    accounts,
    passwords,
    secret: deriveKey(secret, "better-auth").toString("base64url"),
    logger,
    mailer,
    place,
    now,
  });
  await migrateAuth(auth.options, database);
  const degraded = {
    windows: () => guard.degraded() ?? shared?.degraded(),
    ...eventFile.missing,
    ...archive,
    sentry() {
      const since = reports.refusedSince();
      return since === undefined ? undefined : { reason: "REFUSED", since };
    },
  };
  const performance = monitoring.watch({ database, windows, degraded, events, mailer, passwords, room });
  const health = createHealth({
    checks: {
      database: () => sql`select 1`.execute(database.kysely),
    },
    degraded,
    onFailure: (name, error) => logger.error({ err: error, check: name }, "Not ready"),
  });
  // Each is told once, so there are only a few.
  const setupWarnings: SetupWarning[] = config.warnings.map((message) => ({
    code: "CONFIG",
    level: "notice",
    message,
    at: now(),
  }));
  const clientIp = createClientIp({
    trustedProxies: config.trustedProxies,
    forwardedHeader: config.forwardedHeader,
    onWarning(warning) {
      setupWarnings.push({ ...warning, at: now() });
      logger.warn({ warning: warning.code }, warning.message);
    },
  });
  const tokens = createOperatorTokens({ database, secret, now });
  const jobs = createJobs({
    jobs: allJobs({
      ...{ database, eventPartitions, alerts, retention: config.retention },
      outbox: outboxOf(config),
    }),
    database,
    logger,
    now,
  });
  const setup = () => ({
    database: database.description,
    windows: windows.name,
    trustedProxies: config.trustedProxies,
    warnings: setupWarnings,
  });
  const { app, front } = await createApp({
    ...{
      config,
      guard,
      devices,
      decisions,
      events,
      alerts,
      tokens,
      auth,
      issuer,
      accountKey,
      clientIp,
      health,
      jobs,
      feeds,
      setup,
      monitoring,
    },
    ...{ mailer, place, logger, now, reports },
    passwords: accounts.passwords,
    ...{ hashing: passwords, room },
    pagesDirectory: builtPages(),
  });
  return {
    ...{ app, front, auth, guard, decisions, database, windows, tokens, issuer, events, eventPartitions },
    ...{ mailer, accountKey, feeds, jobs, shared, monitoring, performance, alerts, reports, passwords, room },
  };
}

function mailTransport({ smtp, mailFrom: from, dataDir }: Config): MailTransport {
  return smtp
    ? createSmtpTransport({ server: smtp, from })
    : createFileTransport({ directory: outboxOf({ dataDir }), from });
}

const outboxOf = ({ dataDir }: Pick<Config, "dataDir">): string => join(dataDir, "outbox");
