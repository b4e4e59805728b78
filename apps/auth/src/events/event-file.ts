// Writes security events to a file for the programs that collect logs, and tells the operator's log how that goes.

import type { EventSink } from "@fluxstudio/guard";
import { createFileSink } from "@fluxstudio/guard/file-sink";
import type { Logger } from "@fluxstudio/telemetry";
import type { EventFileSettings } from "./event-file-settings.ts";
import { formatEvent } from "./event-format.ts";

/** @returns no sink when no file is set */
export function createEventFile(
  settings: EventFileSettings,
  logger: Pick<Logger, "info" | "error">,
): EventSink[] {
  if (!settings) {
    logger.info("No event file: EVENT_LOG_FILE is not set");
    return [];
  }
  const { path, format } = settings;
  logger.info({ path, format }, "Security events are written to EVENT_LOG_FILE, too");
  const sink = createFileSink({
    path,
    format: (event) => formatEvent(event, format),
    onError: (error) =>
      logger.error(
        { err: error, path },
        "EVENT_LOG_FILE cannot be written; trying again, and dropping what there is no room for",
      ),
    onRecovered: ({ dropped }) => {
      const log = dropped > 0 ? "error" : "info";
      logger[log]({ path, dropped }, "EVENT_LOG_FILE is written again; these events are not in it");
    },
  });
  return [
    {
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
    },
  ];
}
