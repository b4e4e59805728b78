// Turns notes into incidents: opens them with their alert in one transaction, adds to open ones, and folds many into one.

import { severities, uuidv7 } from "@fluxstudio/guard";
import type { BodyOf } from "./alert-body.ts";
import type { AlertStore, AlertTransaction } from "./alert-store.ts";
import { addValues, fromRow, type Incident, keyOfIncident, type Note, toldOf } from "./incident.ts";
import type { Routing } from "./routing.ts";

export interface IncidentsOptions {
  readonly store: AlertStore;
  readonly routing: Routing;
  readonly bodyOf: BodyOf;
  readonly updateMs: number;
  /** How long an alert waits for what belongs to it: a thousand addresses do not come in the same moment. */
  readonly waitMs: number;
  /** More incidents of one rule than this, opened within `foldWindowMs`, are one; and so are five times as many that are open. */
  readonly foldAfter: number;
  readonly foldWindowMs: number;
}

export interface Recorded {
  /** Rules whose incident is about many now. */
  readonly folded: readonly string[];
}

export interface Incidents {
  record(notes: readonly Note[], at: number): Promise<Recorded>;
}

/** Somebody with addresses enough opens one after the other, slowly, and keeps them open: each would be read with each note. */
const mostOpen = 5;
/** An incident that has grown so much since it was told is news again, however seldom it is told by now. */
const muchMore = 10;

export function createIncidents(options: IncidentsOptions): Incidents {
  const { store, routing, bodyOf, updateMs, waitMs, foldAfter, foldWindowMs } = options;

  async function recordRule(
    transaction: AlertTransaction,
    rule: string,
    notes: readonly Note[],
    at: number,
  ): Promise<boolean> {
    const rows = await transaction
      .selectFrom("alert_incident")
      .selectAll()
      .where("rule", "=", rule)
      .where("closed_at", "is", null)
      .execute();
    const open = new Map(rows.map((row) => [keyOfIncident(row), fromRow(row)]));
    const known = [...open.values()].find(({ kind }) => kind === "many");
    if (known) {
      await addTo(transaction, known, notes, at);
      return true;
    }
    const fresh = notes.filter((note) => note.detections > 0 && !open.has(keyOfIncident(note)));
    const [first] = fresh;
    const isCrowd = open.size + fresh.length > foldAfter * mostOpen;
    if (first && (isCrowd || (await areMany(transaction, rule, fresh, at)))) {
      await openMany(transaction, first, [...open.values()], notes, at);
      return true;
    }
    for (const note of notes) {
      const incident = open.get(keyOfIncident(note));
      if (incident) await addTo(transaction, incident, [note], at);
      else if (note.detections > 0) await openOne(transaction, note, at);
    }
    return false;
  }

  async function areMany(
    transaction: AlertTransaction,
    rule: string,
    fresh: readonly Note[],
    at: number,
  ): Promise<boolean> {
    if (fresh.some(({ kind }) => kind === "many")) return true;
    const { count } = await transaction
      .selectFrom("alert_incident")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("rule", "=", rule)
      .where("opened_at", ">", at - foldWindowMs)
      .executeTakeFirstOrThrow();
    return count + fresh.length > foldAfter;
  }

  async function openOne(transaction: AlertTransaction, note: Note, at: number): Promise<void> {
    const incident = startOf(note, at);
    await store.insert(transaction, incident);
    await tellOpened(transaction, incident, at);
    await store.save(transaction, incident);
  }

  /** What was found one by one so far becomes a part of it; what nobody has been told of that is told as this. */
  async function openMany(
    transaction: AlertTransaction,
    first: Note,
    parts: readonly Incident[],
    notes: readonly Note[],
    at: number,
  ): Promise<void> {
    const nothing = { detections: 0, refused: 0, values: [], sample: [], severity: "informational" } as const;
    const many = startOf({ ...first, kind: "many", value: null, ...nothing }, at);
    for (const part of parts) {
      joinTo(many, part);
      part.closedAt = at;
      part.closedWhy = "folded";
      await store.save(transaction, part);
      await transaction
        .updateTable("alert_delivery")
        .set({ status: "superseded" })
        .where("incident_id", "=", part.id)
        .where((where) =>
          where.or([
            where("status", "=", "held"),
            where.and([where("status", "=", "queued"), where("attempts", "=", 0)]),
          ]),
        )
        .execute();
    }
    for (const note of notes) joinTo(many, note);
    await store.insert(transaction, many);
    await tellOpened(transaction, many, at);
    await store.save(transaction, many);
  }

  async function tellOpened(transaction: AlertTransaction, incident: Incident, at: number): Promise<void> {
    const { id: incidentId, rule, severity } = incident;
    const about = { rule, severity, isFirst: true, at, dueAt: at + waitMs };
    await store.addAlert(transaction, incident, { kind: "opened", at, body: null }, (alertId) =>
      routing.route(transaction, { ...about, alertId, incidentId }),
    );
  }

  async function addTo(
    transaction: AlertTransaction,
    incident: Incident,
    notes: readonly Note[],
    at: number,
  ): Promise<void> {
    const before = incident.severity;
    for (const note of notes) joinTo(incident, note);
    incident.lastAt = Math.max(incident.lastAt, at);
    if (incident.severity !== before) await tellWorse(transaction, incident, at);
    // Whoever keeps a small one going for days must not have what he is really about told a day later.
    if (incident.told && incident.detections >= muchMore * incident.told.detections)
      incident.nextUpdateAt = Math.min(incident.nextUpdateAt, at + updateMs);
    await store.save(transaction, incident);
  }

  /** It became worse: channels that wait for worse than it was hear of it now, and those that know it hear how bad it is. */
  async function tellWorse(transaction: AlertTransaction, incident: Incident, at: number): Promise<void> {
    const { id: incidentId, rule, severity } = incident;
    const held = await transaction
      .selectFrom("alert_delivery")
      .select(["id", "channel"])
      .where("incident_id", "=", incidentId)
      .where("status", "=", "held")
      .where("held_for", "=", "severity")
      .execute();
    if (incident.told === undefined) {
      // Nobody has been told yet, so the alert that waits will say how bad it is.
      const about = { rule, severity, isFirst: true, at, dueAt: at + waitMs };
      for (const { id, channel } of held) {
        const place = await routing.placeOn(transaction, channel, about);
        if (place) await transaction.updateTable("alert_delivery").set(place).where("id", "=", id).execute();
      }
      return;
    }
    const body = bodyOf(incident, { kind: "updated", at, sequence: incident.sequence + 1 });
    const told: string[] = [];
    await store.addAlert(transaction, incident, { kind: "updated", at, body }, async (alertId) => {
      const about = { rule, severity, isFirst: false, at, dueAt: at };
      const routed = await routing.route(transaction, { ...about, alertId, incidentId });
      const deliveries = routed.filter(({ held_for }) => held_for !== "severity");
      told.push(...deliveries.map(({ channel }) => channel));
      return deliveries;
    });
    if (told.length === 0) return;
    incident.told = toldOf(incident);
    const superseded = held.filter(({ channel }) => told.includes(channel)).map(({ id }) => id);
    if (superseded.length === 0) return;
    await transaction
      .updateTable("alert_delivery")
      .set({ status: "superseded" })
      .where("id", "in", superseded)
      .execute();
  }

  function startOf(
    { rule, kind, scope, value, severity, detections, refused, latest, values, sample }: Note,
    at: number,
  ): Incident {
    return {
      ...{ id: uuidv7(at), rule, kind, scope, value, severity, detections, refused, latest, values, sample },
      ...{ openedAt: at, lastAt: at, closedAt: null, closedWhy: null },
      ...{ sequence: 0, updates: 0, nextUpdateAt: at + updateMs, told: undefined },
    };
  }

  return {
    record: (notes, at) =>
      store.locked(async (transaction) => {
        const folded: string[] = [];
        for (const [rule, ofRule] of Map.groupBy(notes, (note) => note.rule)) {
          if (await recordRule(transaction, rule, ofRule, at)) folded.push(rule);
        }
        return { folded };
      }),
  };
}

function joinTo(incident: Incident, note: Omit<Note, "rule" | "kind">): void {
  incident.detections += note.detections;
  incident.refused += note.refused;
  if (note.detections === 0) return;
  incident.latest = { ...note.latest, decision: note.latest.decision ?? incident.latest.decision };
  if (severities.indexOf(note.severity) > severities.indexOf(incident.severity))
    incident.severity = note.severity;
  if (incident.kind !== "many") return;
  addValues(incident, note);
  if (incident.scope !== note.scope) incident.scope = null;
}
