// Writes security events to a file for the programs that collect logs, and tells the operator's log how that goes.

import type { EventSink } from "@fluxstudio/guard";
import { createFileSink } from "@fluxstudio/guard/file-sink";
import type { Logger } from "@fluxstudio/telemetry";
import type { Missing } from "../monitoring/missing.ts";
import type { EventFileSettings } from "./event-file-settings.ts";
import { formatEvent } from "./event-format.ts";

export interface EventFile {
  /** None when no file is set. */
  readonly sinks: readonly EventSink[];
  /** What `/readyz` and the metrics ask: whether it cannot be written at present. */
  readonly missing: Missing;
}

/** @param now milliseconds since 1970 */
export function createEventFile(
  settings: EventFileSettings,
  logger: Pick<Logger, "info" | "error">,
  now: () => number,
): EventFile {
  if (!settings) {
    logger.info("No event file: EVENT_LOG_FILE is not set");
    return { sinks: [], missing: {} };
  }
  const { path, format } = settings;
  logger.info({ path, format }, "Security events are written to EVENT_LOG_FILE, too");
  let failingSince: number | undefined;
  const sink = createFileSink({
    path,
    format: (event) => formatEvent(event, format),
    onError(error) {
      failingSince = now();
      logger.error(
        { err: error, path },
        "EVENT_LOG_FILE cannot be written; trying again, and dropping what there is no room for",
      );
    },
    onRecovered({ dropped }) {
      failingSince = undefined;
      const log = dropped > 0 ? "error" : "info";
      logger[log]({ path, dropped }, "EVENT_LOG_FILE is written again; these events are not in it");
    },
  });
  const told: EventSink = {
    ...sink,
    // What fails has been told; whoever flushes every ten seconds would tell it each time.
    flush: () => sink.flush().catch(() => {}),
    async close() {
      try {
        await sink.close();
      } catch (error) {
        const { queued, dropped } = sink.status();
        logger.error(
          { err: error, path, lost: queued, dropped },
          "Events are not in EVENT_LOG_FILE at the end",
        );
      }
    },
  };
  return {
    sinks: [told],
    missing: {
      "event-file": () =>
        failingSince === undefined ? undefined : { reason: "UNWRITABLE", since: failingSince },
    },
  };
}
