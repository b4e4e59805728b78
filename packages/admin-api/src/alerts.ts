// The admin API's part about alerts: incidents, what was said of each, and what came back.

import { z } from "zod";

const id = z.uuid("is no id");
const wholeNumber = "is a whole number from 1 to 200";

/** GET alerts */
export const alertQuery = z.object({
  id: id.optional(),
  open: z
    .enum(["true", "false"], "is true or false")
    .transform((text) => text === "true")
    .optional(),
  before: id.optional(),
  limit: z.coerce.number(wholeNumber).int(wholeNumber).min(1, wholeNumber).max(200, wholeNumber).optional(),
});

/** What GET alerts answers. Times are milliseconds since 1970. */
export interface AlertList {
  /** None: alerts are off. */
  readonly channels: readonly AlertChannelEntry[];
  /** Newest first. */
  readonly incidents: readonly IncidentEntry[];
}

export interface AlertChannelEntry {
  readonly name: string;
  /** Without a secret. */
  readonly description: string;
  /** Milder alerts wait for the digest. */
  readonly severity: string;
}

export interface IncidentEntry {
  readonly id: string;
  readonly rule: string;
  /** `many`: so many scope/values did the same thing that they are one incident. `server`: about the server itself. */
  readonly kind: "one" | "many" | "server";
  readonly severity: string;
  readonly scope: string | null;
  readonly value: string | null;
  readonly values: { readonly count: number; readonly isExact: boolean; readonly sample: readonly string[] };
  readonly openedAt: number;
  readonly lastAt: number;
  readonly closedAt: number | null;
  /** `folded`: it became a part of one about many. */
  readonly closedWhy: "quiet" | "folded" | null;
  readonly detections: number;
  readonly refused: number;
  readonly decision?: {
    readonly id: string;
    readonly action: string;
    readonly scope: string;
    readonly value: string;
    readonly until: number | null;
  };
  readonly deliveries: readonly DeliveryEntry[];
}

export interface DeliveryEntry {
  /** What the receiver knows it by. */
  readonly id: string;
  readonly kind: "opened" | "updated" | "recovered" | "digest";
  readonly sequence: number;
  readonly channel: string;
  readonly status: "queued" | "sent" | "dead" | "held" | "digested" | "superseded";
  readonly heldFor: "severity" | "cap" | null;
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAttemptAt?: number | undefined;
  readonly sentAt: number | null;
  readonly lastError: string | null;
}

/** What POST alerts/test answers. */
export interface AlertTestReport {
  readonly results: readonly {
    readonly channel: string;
    readonly to: string;
    readonly ok: boolean;
    /** What came back, or what went wrong. */
    readonly answer: string;
    readonly tookMs: number;
  }[];
}
