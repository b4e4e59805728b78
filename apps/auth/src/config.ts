// The configuration: every environment variable of flux-auth, read once, with all mistakes reported at once.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { RuleOverrides } from "@fluxstudio/guard";
import { logLevels } from "@fluxstudio/telemetry";
import { z } from "zod";
import { type AccountSettings, accountVariables, toAccountSettings } from "./accounts/account-settings.ts";
import {
  type AlertSettings,
  alertProblems,
  alertVariables,
  toAlertSettings,
} from "./alerts/alert-settings.ts";
import {
  type GeoDatabases,
  isDatabaseUrl,
  isOrigin,
  isPort,
  isPostgres,
  isProxy,
  isRedisUrl,
  readMailAddress,
  readRules,
  readSmtpUrl,
  refuseWeakSecret,
  secretAdvice,
  splitList,
  toDatabaseUrl,
  toGeoDatabases,
  toOrigin,
} from "./config-values.ts";
import { defaultPoolSize } from "./database/database.ts";
import {
  type EventFileSettings,
  eventFileVariables,
  toEventFileSettings,
} from "./events/event-file-settings.ts";
import { type FeedSettings, feedVariables, toFeedSettings } from "./feeds/feed-settings.ts";
import {
  type RetentionSettings,
  retentionVariables,
  toRetentionSettings,
} from "./jobs/retention-settings.ts";
import type { MailAddress } from "./mail/address.ts";
import type { SmtpServer } from "./mail/smtp-server.ts";
import { meantBy } from "./misspelt.ts";
import {
  type MonitoringSettings,
  monitoringVariables,
  toMonitoringSettings,
} from "./monitoring/monitoring-settings.ts";
import { type SentrySettings, sentryVariables, toSentrySettings } from "./sentry/sentry-settings.ts";

export interface Config {
  readonly production: boolean;
  readonly port: number;
  /** The address to listen on; undefined: all of them, IPv6 too where the machine has it. */
  readonly host: string | undefined;
  /** The origin under which browsers reach this server. */
  readonly publicUrl: string;
  /** Further origins whose pages may call it. */
  readonly trustedOrigins: readonly string[];
  /** Undefined outside production, and without PostgreSQL and Redis, when the operator has set none: `loadSecret` makes one then. */
  readonly secret: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** `sqlite:` and an absolute path, `:memory:`, or `postgres://…`. May hold a password: not for logs. */
  readonly databaseUrl: string;
  /** How many connections to PostgreSQL its queries share. */
  readonly databasePoolSize: number;
  /** Time that the window store has for one signal. */
  readonly storeTimeoutMs: number;
  /** What processes share counts and decisions through; undefined: this one is alone. May hold a password: not for logs. */
  readonly redisUrl: string | undefined;
  /** Undefined: mails are written to files. Holds a password: not for logs. */
  readonly smtp: SmtpServer | undefined;
  readonly mailFrom: MailAddress;
  readonly accounts: AccountSettings;
  /** Hold secrets: not for logs. */
  readonly alerts: AlertSettings;
  /** What access tokens are for, as services check it. */
  readonly accessTokenAudience: string;
  /** How long a refresh token that was exchanged brings the same successor again. */
  readonly refreshGraceMs: number;
  readonly retention: RetentionSettings;
  readonly feeds: FeedSettings;
  readonly trustedProxies: readonly string[];
  readonly forwardedHeader: "x-forwarded-for" | "forwarded";
  readonly geoDatabases: GeoDatabases;
  readonly rules: RuleOverrides;
  readonly eventFile: EventFileSettings;
  readonly sentry: SentrySettings;
  readonly logLevel: (typeof logLevels)[number];
  readonly monitoring: MonitoringSettings;
  /** What is odd and no mistake; to be logged at start. */
  readonly warnings: readonly string[];
}

/** The message lists all mistakes, one a line, each with the variable and what to write. No value of a secret is in it. */
export class ConfigError extends Error {
  readonly code = "INVALID_CONFIG";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has mistakes:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const origin = z
  .string()
  .refine(isOrigin, "write an origin such as https://auth.example.com, with no path")
  .transform(toOrigin);
const list = (item: z.ZodType<string, string>) => z.string().transform(splitList).pipe(z.array(item));

const variables = z.object({
  NODE_ENV: z
    .enum(["production", "development", "test"], "write production, development or test")
    .default("development"),
  PORT: z.string().refine(isPort, "write a number from 0 to 65535").transform(Number).default(3001),
  HOST: z.string().optional(),
  PUBLIC_URL: origin.optional(),
  TRUSTED_ORIGINS: list(origin).default([]),
  FLUX_SECRET: z.string().superRefine(refuseWeakSecret).optional(),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: z
    .string()
    .refine(isDatabaseUrl, "write sqlite:PATH, :memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    .optional(),
  DATABASE_POOL_SIZE: z
    .string()
    .regex(/^(?:[1-9]|[1-9]\d|100)$/, "write a number from 1 to 100")
    .transform(Number)
    .default(defaultPoolSize),
  STORE_TIMEOUT_MS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "write a number of milliseconds from 1 to 99999")
    .transform(Number)
    .default(50),
  REDIS_URL: z
    .string()
    .refine(
      isRedisUrl,
      "write redis://:PASSWORD@HOST:PORT or rediss://… (TLS), nodes of a cluster separated by commas",
    )
    .optional(),
  SMTP_URL: z.string().transform(readSmtpUrl).optional(),
  MAIL_FROM: z.string().transform(readMailAddress).optional(),
  ...accountVariables,
  ...alertVariables,
  ACCESS_TOKEN_AUDIENCE: z.string().max(200, "write at most 200 characters").optional(),
  REFRESH_GRACE_SECONDS: z
    .string()
    .regex(/^(?:\d|[1-5]\d|60)$/, "write a number of seconds from 0 to 60")
    .transform(Number)
    .default(20),
  ...retentionVariables,
  ...feedVariables,
  TRUSTED_PROXIES: list(
    z.string().refine(isProxy, "write addresses and CIDR ranges such as 10.0.0.0/8, separated by commas"),
  ).default([]),
  FORWARDED_HEADER: z
    .enum(["x-forwarded-for", "forwarded"], "write x-forwarded-for or forwarded")
    .default("x-forwarded-for"),
  GEO_DATABASE: z.string().optional(),
  FLUX_RULES: z.string().transform(readRules).optional(),
  ...eventFileVariables,
  ...sentryVariables,
  LOG_LEVEL: z.enum(logLevels, `write one of ${logLevels.join(", ")}`).default("info"),
  ...monitoringVariables,
});

/** The name of every variable, as `.env.example` lists them. */
export const configVariables: readonly string[] = Object.keys(variables.shape);

/** How names begin that nobody else gives: what begins so and is not in the table is misspelt, like what is nearly in it. */
const ourNames = /^(?:FLUX|ALERTS?|BLOCKLIST|ALLOWLIST|METRICS|EVENT_(?:LOG|RETENTION|ARCHIVE))_/;

/** Read by the `flux` command and by the tests; set by Kubernetes, for a service with the name `flux-auth` or `metrics`. */
const variablesOfOthers = /^FLUX_(?:TOKEN|URL|TEST_\w+)$|_(?:SERVICE_HOST|(?:SERVICE_)?PORT(?:_\w+)?)$/;

/** Reads the environment of this process, with what a file .env beside it adds. @throws ConfigError */
export function loadConfig(): Config {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return readConfig(process.env);
}

/**
 * @param env usually `process.env`; an empty value counts as none
 * @throws ConfigError
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = variables.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map(toProblem);
  problems.push(...alertProblems(given));
  const production = given.NODE_ENV === "production";
  if (production) {
    for (const [name, advice] of Object.entries(neededInProduction)) {
      if (given[name] === undefined) problems.push(`${name} is not set: ${advice}.`);
    }
  }
  const isOneOfSeveral = isPostgres(given.DATABASE_URL) || isRedisUrl(given.REDIS_URL ?? "");
  if (!production && given.FLUX_SECRET === undefined && isOneOfSeveral) {
    problems.push(
      `FLUX_SECRET is not set, and each process on this PostgreSQL or Redis would make one of its own: ${neededInProduction.FLUX_SECRET}, and give all of them the same.`,
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);

  const values = parsed.data;
  const dataDir = resolve(values.DATA_DIR);
  const publicUrl = values.PUBLIC_URL ?? `http://localhost:${values.PORT}`;
  return {
    production,
    port: values.PORT,
    // What is being tried out is nobody else's business; in production a proxy or load balancer has to reach it.
    host: values.HOST ?? (production ? undefined : "127.0.0.1"),
    publicUrl,
    trustedOrigins: values.TRUSTED_ORIGINS,
    secret: values.FLUX_SECRET,
    dataDir,
    databaseUrl: toDatabaseUrl(values.DATABASE_URL, dataDir),
    databasePoolSize: values.DATABASE_POOL_SIZE,
    redisUrl: values.REDIS_URL,
    storeTimeoutMs: values.STORE_TIMEOUT_MS,
    smtp: values.SMTP_URL,
    mailFrom: values.MAIL_FROM ?? {
      name: "Flux Studio",
      address: `no-reply@${new URL(publicUrl).hostname}`,
    },
    accounts: toAccountSettings(values, { production, sendsMail: values.SMTP_URL !== undefined }),
    alerts: toAlertSettings(values),
    accessTokenAudience: values.ACCESS_TOKEN_AUDIENCE ?? publicUrl,
    refreshGraceMs: values.REFRESH_GRACE_SECONDS * 1000,
    retention: toRetentionSettings(values),
    feeds: toFeedSettings(values),
    trustedProxies: values.TRUSTED_PROXIES,
    forwardedHeader: values.FORWARDED_HEADER,
    geoDatabases: toGeoDatabases(values.GEO_DATABASE),
    rules: values.FLUX_RULES ?? {},
    eventFile: toEventFileSettings(values),
    sentry: toSentrySettings(values, values.NODE_ENV),
    logLevel: values.LOG_LEVEL,
    monitoring: toMonitoringSettings(values),
    warnings: warningsFor(Object.keys(given), production, publicUrl),
  };
}

const neededInProduction = {
  FLUX_SECRET: secretAdvice,
  PUBLIC_URL: "write the origin under which browsers reach this server, such as https://auth.example.com",
};

function toProblem({ path: [name, index], message }: z.core.$ZodIssue): string {
  return typeof index === "number"
    ? `${String(name)}, entry ${index + 1}: ${message}.`
    : `${String(name)}: ${message}.`;
}

function warningsFor(names: readonly string[], production: boolean, publicUrl: string): string[] {
  const warnings = names
    .filter((name) => !configVariables.includes(name) && !variablesOfOthers.test(name))
    .flatMap((name) => {
      const meant = meantBy(name, configVariables);
      if (meant === undefined && !ourNames.test(name)) return [];
      const advice = meant === undefined ? ".env.example lists them all." : `did you mean ${meant}?`;
      return [`${name} is set, and flux-auth has no such variable; ${advice}`];
    });
  if (names.includes("ALERT_WEBHOOK_SECRET") && !names.includes("ALERT_WEBHOOK_URL")) {
    warnings.push("ALERT_WEBHOOK_SECRET is set, and signs nothing: ALERT_WEBHOOK_URL is not set.");
  }
  if (names.includes("ALERT_MAIL_TO") && !names.includes("SMTP_URL")) {
    warnings.push(
      "ALERT_MAIL_TO is set, and SMTP_URL is not: alerts are written to files, and reach nobody by mail.",
    );
  }
  if (production && publicUrl.startsWith("http:")) {
    warnings.push("PUBLIC_URL starts with http: so cookies travel unencrypted; serve flux-auth over https.");
  }
  if (production && !names.includes("SMTP_URL")) {
    warnings.push("SMTP_URL is not set: mails are written to files, and reach nobody.");
  }
  return warnings;
}
