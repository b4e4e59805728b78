// A channel: somewhere alerts go.

import type { Severity } from "@fluxstudio/guard";
import type { AlertBody } from "./alert-body.ts";

export const channelNames = ["mail", "webhook", "slack"] as const;

export interface AlertChannel {
  readonly name: (typeof channelNames)[number];
  /** For the log and for operators: without a secret. */
  readonly description: string;
  readonly severity: Severity;
  /**
   * Resolves with what came back when the alert is somebody else's to tell.
   * @throws DeliveryError, or anything else, to be tried again
   */
  send(message: ChannelMessage, signal: AbortSignal): Promise<string>;
  /** As `send`, and waits for the last answer that there is. */
  test(message: ChannelMessage, signal: AbortSignal): Promise<string>;
}

export interface ChannelMessage {
  /** The idempotency key: the same at each try. */
  readonly id: string;
  readonly body: AlertBody;
  /** Of this try, milliseconds since 1970. */
  readonly at: number;
}

/** A receiver that does not take an alert; the message may be shown to operators. */
export class DeliveryError extends Error {
  /** How long it asks to be left alone; 0: it does not say. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.name = "DeliveryError";
    this.retryAfterMs = retryAfterMs;
  }
}
