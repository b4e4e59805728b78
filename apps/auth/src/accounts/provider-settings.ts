// The OpenID Connect providers that people may sign in with: a JSON file, because it holds secrets.

import { readFileSync } from "node:fs";
import { z } from "zod";

export interface ProviderSettings {
  /** Part of the address that the provider leads back to: /api/auth/callback/ID. */
  readonly id: string;
  /** What stands on the button. */
  readonly name: string;
  /** As the provider itself writes it; its configuration is at ISSUER/.well-known/openid-configuration. */
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined;
}

const provider = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "has up to 32 lower-case letters, digits and hyphens"),
  name: z.string().min(1).max(60),
  issuer: z.string().refine(isIssuer, "is an https address without query"),
  clientId: z.string().min(1).max(500),
  clientSecret: z.string().min(1).max(2_000).optional(),
});
const providers = z
  .array(provider)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "has an id twice")
  // Better Auth's name for passwords.
  .refine((list) => list.every(({ id }) => id !== "credential"), "has the id credential, which is taken");

/** Reads the file. Problems are told without any value of it, as some are secrets. */
export function readProviders(path: string, context: z.RefinementCtx): readonly ProviderSettings[] {
  const fail = (reason: string) => {
    context.addIssue({ code: "custom", message: `${path} cannot be used: ${reason}` });
    return z.NEVER;
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return fail(error instanceof SyntaxError ? "it is no JSON" : "it cannot be read");
  }
  const parsed = providers.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(parsed.error.issues.map((issue) => [...issue.path, issue.message].join(" ")).join("; "));
}

function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** Also for what else is asked unencrypted on this machine only. */
export const isLoopback = (host: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(host);
