// Signs webhooks as Standard Webhooks 1.0 says, which many languages have a library for. https://www.standardwebhooks.com

import { createHmac } from "node:crypto";

const prefix = "whsec_";
/** In bytes. */
const shortest = 24;
const longest = 64;

/** The key of a secret as Standard Webhooks writes it; undefined when it is none. */
export function readWebhookSecret(text: string): Buffer | undefined {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  const key = Buffer.from(encoded, "base64");
  if (key.length < shortest || key.length > longest) return undefined;
  // Buffer skips what is no base64, and the key would be another than the receiver's.
  return key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "") ? key : undefined;
}

export interface SignedContent {
  /** The same at each try. */
  readonly id: string;
  /** Of this try, milliseconds since 1970: a receiver refuses old ones, which somebody may have recorded. */
  readonly at: number;
  readonly body: string;
}

export function webhookHeaders(key: Buffer, { id, at, body }: SignedContent): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
