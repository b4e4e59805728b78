// How single settings are read: what a variable may say, and what is said of one that may not. For config.ts.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  builtInRules,
  normaliseScopeValue,
  parseRedisUrls,
  type RuleOverrides,
  resolveSettings,
} from "@fluxstudio/guard";
import { z } from "zod";
import { type MailAddress, parseMailAddress } from "./mail/address.ts";
import { parseSmtpUrl, type SmtpServer } from "./mail/smtp-server.ts";

/** Paths of MMDB files; `bundled`: the country file that comes along; `none`: no places at all. */
export type GeoDatabases = readonly string[] | "bundled" | "none";

export const secretAdvice = "write at least 32 random characters, such as those of openssl rand -base64 32";

export function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.href === `${url.origin}/`;
}

export function toOrigin(text: string): string {
  return URL.parse(text)?.origin ?? text;
}

export function isDatabaseUrl(text: string): boolean {
  return text === ":memory:" || /^sqlite:./.test(text) || isPostgres(text);
}

export function isPostgres(text = ""): boolean {
  return ["postgres:", "postgresql:"].includes(URL.parse(text)?.protocol ?? "");
}

export function isRedisUrl(text: string): boolean {
  try {
    return parseRedisUrls(text).length > 0;
  } catch {
    return false;
  }
}

export function toDatabaseUrl(text: string | undefined, dataDir: string): string {
  if (text === undefined) return `sqlite:${join(dataDir, "flux.db")}`;
  if (text === "sqlite::memory:") return ":memory:";
  return text.startsWith("sqlite:") ? `sqlite:${resolve(text.slice("sqlite:".length))}` : text;
}

/** The message does not repeat the value, which may hold a password. */
export function readSmtpUrl(text: string, context: z.RefinementCtx): SmtpServer {
  const server = parseSmtpUrl(text);
  if (server) return server;
  const message = "write smtp://USER:PASSWORD@HOST:PORT or smtps://…, perhaps with ?tls=optional";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

export function readMailAddress(text: string, context: z.RefinementCtx): MailAddress {
  const address = parseMailAddress(text);
  if (address) return address;
  context.addIssue({ code: "custom", message: "write no-reply@example.com or Name <no-reply@example.com>" });
  return z.NEVER;
}

export function isProxy(text: string): boolean {
  try {
    return normaliseScopeValue("ip-prefix", text) !== "";
  } catch {
    return false;
  }
}

export function toGeoDatabases(text: string | undefined): GeoDatabases {
  if (text === undefined) return "bundled";
  return text === "none" ? "none" : splitList(text).map((path) => resolve(path));
}

/** What a secret is refused for: one that a person typed or copied from an example is found by whoever looks for those first. */
export function weaknessOf(secret: string): string | undefined {
  if (secret.length < 32) return "is shorter than 32 characters";
  if (/change.?(?:me|this)|placeholder|example|your.?secret|s3cr3t|password/i.test(secret))
    return "is a placeholder";
  const repeats = new Set(secret).size < 8 || (secret + secret).indexOf(secret, 1) < secret.length;
  return repeats ? "repeats itself" : undefined;
}

export function refuseWeakSecret(secret: string, context: z.RefinementCtx): void {
  const reason = weaknessOf(secret);
  if (reason !== undefined) context.addIssue({ code: "custom", message: `${reason}; ${secretAdvice}` });
}

export function readRules(path: string, context: z.RefinementCtx): RuleOverrides {
  try {
    const rules: RuleOverrides = JSON.parse(readFileSync(path, "utf8"));
    resolveSettings(builtInRules, rules);
    return rules;
  } catch (error) {
    context.addIssue({ code: "custom", message: `${path} cannot be used: ${reasonOf(error)}` });
    return z.NEVER;
  }
}

/** Without a full stop, as it stands within a sentence. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT") return "there is no such file";
  return error.message.replace(/\.?\n/g, "; ").replace(/\.$/, "");
}
