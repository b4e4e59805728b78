// Stands in front of the incidents: sums what is detected in bounded memory, so that a flood of events is a few notes.

import { type Detection, type SecurityEvent, severities } from "@fluxstudio/guard";
import { addValues, keyOfIncident, type Latest, type Note } from "./incident.ts";

export interface Gatherer {
  /** The notes that the event adds to; none when it says nothing about an incident. */
  add(event: SecurityEvent): readonly Note[];
  /** Hands over what was gathered, and starts anew. */
  take(): Note[];
  /** Takes back what could not be stored. */
  giveBack(notes: readonly Note[]): void;
  readonly size: number;
}

/** @param maxNotes above it, further scope/values of a rule are one note of many @default 1_000 */
export function createGatherer(maxNotes = 1_000): Gatherer {
  let notes = new Map<string, Note>();

  function merge(note: Note): Note {
    const known = notes.get(keyOfIncident(note));
    if (known) return join(known, note);
    if (notes.size < maxNotes || note.kind !== "one") {
      notes.set(keyOfIncident(note), note);
      return note;
    }
    const { rule, severity } = note;
    const empty: Note = {
      ...{ rule, severity, kind: "many", scope: note.scope, value: null, detections: 0, refused: 0 },
      ...{ latest: note.latest, values: [], sample: [] },
    };
    const key = keyOfIncident(empty);
    const many = notes.get(key) ?? empty;
    notes.set(key, many);
    if (note.detections > 0) addValues(many, note);
    return join(many, note);
  }

  return {
    add(event) {
      const { detections, decision, refusals } = event;
      if (refusals) {
        if (decision?.origin !== "rule" || decision.rule === undefined) return [];
        const { rule, scope, value } = decision;
        // Nothing new is detected, so it has no severity of its own.
        const about = { rule, scope, value: storable(value), severity: "informational" } as const;
        return [merge({ ...noteOf(about, {}), refused: refusals.count })];
      }
      return detections.map((one) => {
        const about = { ...one, value: storable(one.value) };
        return merge({ ...noteOf(about, latestOf(event, one)), detections: 1 });
      });
    },
    take() {
      const taken = [...notes.values()];
      notes = new Map();
      return taken;
    },
    giveBack(taken) {
      const later = [...notes.values()];
      notes = new Map();
      for (const note of [...taken, ...later]) merge(note);
    },
    get size() {
      return notes.size;
    },
  };
}

/** Adds the later note to the earlier one. */
function join(note: Note, later: Note): Note {
  note.detections += later.detections;
  note.refused += later.refused;
  if (later.detections > 0)
    note.latest = { ...later.latest, decision: later.latest.decision ?? note.latest.decision };
  if (severities.indexOf(later.severity) > severities.indexOf(note.severity)) note.severity = later.severity;
  if (note.kind === "many" && later.kind === "many") addValues(note, later);
  return note;
}

function noteOf(
  { rule, scope, value, severity }: Pick<Detection, "rule" | "scope" | "value" | "severity">,
  latest: Latest,
): Note {
  const nothing = { detections: 0, refused: 0, values: [], sample: [] };
  return { ...{ rule, kind: "one", scope, value, severity, latest }, ...nothing };
}

function latestOf({ id, signal, decision }: SecurityEvent, { mode, attack, evidence }: Detection): Latest {
  return {
    ...{ ip: signal.ip, account: signal.account, userAgent: signal.userAgent, path: signal.path },
    ...{ country: signal.place?.country, mode, attack, evidence, eventId: id },
    decision: decision && {
      ...{ id: decision.id, action: decision.action, rule: decision.rule, until: decision.until },
      ...{ scope: decision.scope, value: decision.value },
    },
  };
}

/** PostgreSQL refuses a NUL in text, and half a character would come back as another one. */
const storable = (text: string): string => text.replaceAll("\0", "\ufffd").toWellFormed();
