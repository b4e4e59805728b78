// The settings of reports to Sentry: where they go, what they say about this server, and how many requests are traced.

import { parseDsn } from "@fluxstudio/telemetry";
import { z } from "zod";
import packageJson from "../../package.json" with { type: "json" };

export interface SentrySettings {
  /** Undefined: nothing is reported. Holds a key: not for logs. */
  readonly dsn: string | undefined;
  readonly environment: string;
  readonly release: string;
  /** Share of requests that are traced, from 0 to 1. */
  readonly tracesSampleRate: number;
}

/** What Sentry takes (https://docs.sentry.io/platforms/javascript/configuration/releases/). */
const isName = (text: string): boolean => /^[^\s/\\]{1,64}$/.test(text);
const isRelease = (text: string): boolean => /^[^\n\t/\\]{1,200}$/.test(text) && !/^\.{1,2}$/.test(text);

export const sentryVariables = {
  SENTRY_DSN: z
    .string()
    .refine((text) => parseDsn(text) !== undefined, "write https://KEY@HOST/PROJECT, as Sentry shows it")
    .optional(),
  SENTRY_TRACES_SAMPLE_RATE: z
    .string()
    .regex(/^(?:0?\.\d{1,6}|0|1|1\.0{1,6})$/, "write a share from 0 to 1, such as 0.1")
    .transform(Number)
    .default(0.1),
  SENTRY_ENVIRONMENT: z
    .string()
    .refine(isName, "write a name of at most 64 characters with no space or slash")
    .optional(),
  SENTRY_RELEASE: z
    .string()
    .refine(isRelease, "write a name of at most 200 characters with no slash")
    .optional(),
};

type SentryValues = z.output<z.ZodObject<typeof sentryVariables>>;

export function toSentrySettings(values: SentryValues, nodeEnv: string): SentrySettings {
  return {
    dsn: values.SENTRY_DSN,
    environment: values.SENTRY_ENVIRONMENT ?? nodeEnv,
    release: values.SENTRY_RELEASE ?? `flux-auth@${packageJson.version}`,
    tracesSampleRate: values.SENTRY_TRACES_SAMPLE_RATE,
  };
}
