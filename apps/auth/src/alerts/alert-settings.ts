// The settings of alerts: where they go, from which severity on, and how many.

import { type Severity, severities } from "@fluxstudio/guard";
import { z } from "zod";
import { weaknessOf } from "../config-values.ts";
import { isMailAddress } from "../mail/address.ts";
import { readWebhookSecret } from "./webhook-signature.ts";

export interface AlertSettings {
  readonly mail: { readonly to: readonly string[]; readonly severity: Severity } | undefined;
  /** Address and key are secrets: not for logs. */
  readonly webhook: { readonly url: string; readonly key: Buffer; readonly severity: Severity } | undefined;
  /** The address is a secret: not for logs. */
  readonly slack: { readonly url: string; readonly severity: Severity } | undefined;
  /** On each channel; what is above it waits for a digest. */
  readonly perHour: number;
  /** Between two alerts about one incident that goes on; doubles with each. */
  readonly updateMs: number;
  /** After so long without anything new an incident is over. */
  readonly quietMs: number;
  /** 0: no digests. */
  readonly digestMs: number;
}

const minuteMs = 60_000;
const largestAddressees = 20;

const severity = z.enum(severities, `write one of ${severities.join(", ")}`);
const url = z
  .string()
  .refine(isUrl, "write an address that starts with https:// or http://, without a user")
  .optional();
const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      message: `write a number from ${from} to ${to}`,
    })
    .transform(Number);

export const alertVariables = {
  ALERT_MAIL_TO: z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean),
    )
    .refine((all) => all.every(isMailAddress) && all.length <= largestAddressees, {
      message: `write up to ${largestAddressees} addresses such as ops@example.com, separated by commas`,
    })
    .optional(),
  ALERT_MAIL_SEVERITY: severity.default("high"),
  ALERT_WEBHOOK_URL: url,
  ALERT_WEBHOOK_SECRET: z.string().transform(readSecret).optional(),
  ALERT_WEBHOOK_SEVERITY: severity.default("medium"),
  ALERT_SLACK_URL: url,
  ALERT_SLACK_SEVERITY: severity.default("high"),
  ALERTS_PER_HOUR: wholeNumber(1, 1_000).default(20),
  ALERT_UPDATE_MINUTES: wholeNumber(1, 1_440).default(30),
  // Refusals by one block are told after some three minutes at most (the guard's `flush`): less would be over in their midst.
  ALERT_QUIET_MINUTES: wholeNumber(5, 1_440).default(30),
  ALERT_DIGEST_HOURS: wholeNumber(0, 168).default(24),
};

type AlertValues = z.output<z.ZodObject<typeof alertVariables>>;

/** What only shows when the variables are seen together. */
export function alertProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  if (given.ALERT_WEBHOOK_URL === undefined || given.ALERT_WEBHOOK_SECRET !== undefined) return [];
  return [
    `ALERT_WEBHOOK_SECRET is not set, and ALERT_WEBHOOK_URL needs it to sign what it sends: ${secretAdvice}.`,
  ];
}

export function toAlertSettings(values: AlertValues): AlertSettings {
  const { ALERT_MAIL_TO: to = [], ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET, ALERT_SLACK_URL } = values;
  return {
    mail: to.length > 0 ? { to, severity: values.ALERT_MAIL_SEVERITY } : undefined,
    webhook:
      ALERT_WEBHOOK_URL !== undefined && ALERT_WEBHOOK_SECRET
        ? { url: ALERT_WEBHOOK_URL, key: ALERT_WEBHOOK_SECRET, severity: values.ALERT_WEBHOOK_SEVERITY }
        : undefined,
    slack:
      ALERT_SLACK_URL === undefined
        ? undefined
        : { url: ALERT_SLACK_URL, severity: values.ALERT_SLACK_SEVERITY },
    perHour: values.ALERTS_PER_HOUR,
    updateMs: values.ALERT_UPDATE_MINUTES * minuteMs,
    quietMs: values.ALERT_QUIET_MINUTES * minuteMs,
    digestMs: values.ALERT_DIGEST_HOURS * 60 * minuteMs,
  };
}

const secretAdvice = "write whsec_ and behind it the output of openssl rand -base64 32";

/** The message does not repeat the value. */
function readSecret(text: string, context: z.RefinementCtx): Buffer {
  const key = readWebhookSecret(text);
  const weakness = key && weaknessOf(text.replace(/^whsec_/, ""));
  if (key && weakness === undefined) return key;
  const message = weakness === undefined ? secretAdvice : `${weakness}; ${secretAdvice}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

/** Private addresses are allowed: who sets this runs the server. */
function isUrl(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username + parsed.password === "";
}
