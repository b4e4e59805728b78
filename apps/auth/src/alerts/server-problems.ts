// Incidents of this server itself: what it notices about its own parts, and how that is said.

import type { Degraded } from "@fluxstudio/guard";
import { timeInWords } from "../mail/occasion.ts";
import type { NextStep } from "./alert-words.ts";
import type { Incident, Note } from "./incident.ts";

export interface ServerParts {
  /** Why and since when counts are this process's own. */
  readonly degraded: () => Degraded | undefined;
  /** How many events were dropped since the start. */
  readonly dropped: () => number;
}

export interface ServerProblems {
  /**
   * Has what is wrong now recorded. Each is reported as long as it lasts, and over when nobody has reported it for a while.
   * What could not be recorded is told the next time.
   */
  report(at: number, record: (notes: readonly Note[], at: number) => Promise<unknown>): Promise<void>;
}

export function createServerProblems({ degraded, dropped }: ServerParts): ServerProblems {
  let toldDropped = 0;
  return {
    async report(at, record) {
      const notes: Note[] = [];
      const outage = degraded();
      if (outage) notes.push(noteOf("window-store", 1, { since: outage.since, detail: outage.reason }));
      const lost = dropped();
      if (lost > toldDropped) notes.push(noteOf("event-queue", lost - toldDropped, { since: at }));
      if (notes.length > 0) await record(notes, at);
      toldDropped = lost;
    },
  };
}

function noteOf(rule: string, detections: number, latest: Note["latest"]): Note {
  return {
    ...{ rule, kind: "server", scope: "global", value: "all", severity: "high", detections, refused: 0 },
    ...{ latest, values: [], sample: [] },
  };
}

interface ServerWords {
  readonly title: string;
  readonly happened: string;
  readonly done: string;
  readonly next: readonly NextStep[];
}

export function serverWords({ rule, detections, latest: { since, detail } }: Incident): ServerWords {
  const when = since === undefined ? "" : ` since ${timeInWords(since)}`;
  if (rule === "event-queue") {
    return {
      title: "events are lost",
      happened: `Security events come faster than the database takes them: ${detections} were dropped. Those with a decision are dropped last.`,
      done: "Decisions are in force all the same, and sums of refusals go on.",
      next: [{ what: "What the server says of itself", command: "npx flux doctor" }],
    };
  }
  return {
    title: "counts are local",
    happened: `The window store does not answer${when} (${detail ?? "unknown"}): counts are local${when}, so each process counts guesses by itself.`,
    done: "Each rule does what its outage says: most count with half their threshold. Decisions stay in force.",
    next: [{ what: "What the server says of itself", command: "npx flux doctor" }],
  };
}
