// Which channel hears of an alert at once, and what waits for a digest: because it is mild, or because there were too many.

import { type Severity, severities, uuidv7 } from "@fluxstudio/guard";
import type { Insertable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { AlertDeliveryTable } from "./alert-tables.ts";

export interface ChannelRoute {
  readonly name: string;
  /** Milder ones wait for the digest. */
  readonly severity: Severity;
}

export interface RoutingOptions {
  readonly channels: readonly ChannelRoute[];
  /**
   * Alerts on one channel within an hour, digests not counted. On top come the first of a rule about a new incident, and the first
   * about one that goes on: an attacker who causes many by one rule, or keeps one going, must not silence what else is found.
   */
  readonly perHour: number;
  /** 0: mild ones are not told at all. */
  readonly digestMs: number;
}

export interface RouteRequest {
  readonly alertId: string;
  readonly incidentId: string | null;
  readonly rule: string;
  readonly severity: Severity;
  /** Whether it is the first one about its incident. */
  readonly isFirst: boolean;
  readonly at: number;
  /** When it is to be sent. */
  readonly dueAt: number;
}

type Delivery = Insertable<AlertDeliveryTable>;
type Place = Pick<Delivery, "status" | "held_for" | "next_attempt_at">;

export interface Routing {
  /** The deliveries of an alert, not stored yet. */
  route(
    transaction: Transaction<Tables>,
    request: RouteRequest,
    only?: readonly string[],
  ): Promise<Delivery[]>;
  /** Where a delivery on this channel stands now; undefined: nowhere. */
  placeOn(
    transaction: Transaction<Tables>,
    channel: string,
    request: Pick<RouteRequest, "rule" | "severity" | "isFirst" | "at" | "dueAt">,
  ): Promise<Place | undefined>;
}

const hourMs = 3_600_000;
/** Whoever has used up the places, and those of a rule by an account of his own, delays what comes next by no more. */
const heldBackMs = 10 * 60_000;
/** As with mails: a receiver that is away for longer learns from the list what it missed. */
export const giveUpAfterMs = 24 * hourMs;

export function createRouting({ channels, perHour, digestMs }: RoutingOptions): Routing {
  /** Alerts on this channel within the last hour. A digest is about no incident. */
  const lately = (transaction: Transaction<Tables>, channel: string, at: number) =>
    transaction
      .selectFrom("alert_delivery")
      .innerJoin("alert_incident", "alert_incident.id", "alert_delivery.incident_id")
      .where("channel", "=", channel)
      .where("alert_delivery.created_at", ">", at - hourMs)
      .where("status", "in", ["queued", "sent", "dead"]);

  const placeOn: Routing["placeOn"] = async (transaction, channel, request) => {
    const { rule, severity, isFirst, at, dueAt } = request;
    const route = channels.find(({ name }) => name === channel);
    if (!route) return undefined;
    if (severities.indexOf(severity) < severities.indexOf(route.severity)) {
      if (digestMs === 0) return undefined;
      return { status: "held", held_for: "severity", next_attempt_at: nextDigestAt(at, digestMs) };
    }
    const { count } = await lately(transaction, channel, at)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    const alike = lately(transaction, channel, at)
      .innerJoin("alert", "alert.id", "alert_delivery.alert_id")
      .select("alert_delivery.id")
      .where("rule", "=", rule)
      .where("alert.kind", isFirst ? "=" : "!=", "opened");
    if (count < perHour || !(await alike.limit(1).executeTakeFirst()))
      return { status: "queued", held_for: null, next_attempt_at: dueAt };
    return { status: "held", held_for: "cap", next_attempt_at: at + heldBackMs };
  };

  return {
    placeOn,
    async route(transaction, request, only) {
      const { alertId, incidentId, at } = request;
      const deliveries: Delivery[] = [];
      for (const { name } of channels) {
        if (only && !only.includes(name)) continue;
        const place = await placeOn(transaction, name, request);
        if (!place) continue;
        deliveries.push({
          ...{ id: uuidv7(at), alert_id: alertId, incident_id: incidentId, channel: name, ...place },
          ...{ attempts: 0, created_at: at, give_up_at: at + giveUpAfterMs, sent_at: null, last_error: null },
        });
      }
      return deliveries;
    },
  };
}

/** The same moments for all processes, whenever they were started. */
const nextDigestAt = (at: number, digestMs: number): number => (Math.floor(at / digestMs) + 1) * digestMs;
