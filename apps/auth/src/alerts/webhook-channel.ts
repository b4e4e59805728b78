// Alerts by webhook: the body as JSON, signed, with an id that is the same at each try.

import type { AlertSettings } from "./alert-settings.ts";
import type { AlertChannel, ChannelMessage } from "./channel.ts";
import { httpPost } from "./http-post.ts";
import { webhookHeaders } from "./webhook-signature.ts";

export function createWebhookChannel({
  url,
  key,
  severity,
}: NonNullable<AlertSettings["webhook"]>): AlertChannel {
  function send({ id, body: content, at }: ChannelMessage, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify(content);
    const headers = { ...webhookHeaders(key, { id, at, body }), "idempotency-key": id };
    return httpPost({ url, headers, body, signal, at });
  }
  return { name: "webhook", description: new URL(url).host, severity, send, test: send };
}
