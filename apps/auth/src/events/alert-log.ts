// Tells the log of each detection: one line "Security Alert", to be grepped and to be parsed.

import type { EventSink } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";

/**
 * @returns a sink that writes a line for each detection: level `error` when it is high or critical, else `warn`. User agent
 * and path are the client's own words; the guard has cut them, and JSON keeps them inside their fields.
 */
export function createAlertLog(logger: Logger): EventSink {
  return {
    name: "alert log",
    write({ id, signal, detections, decision }) {
      for (const { rule, scope, value, severity, mode, evidence } of detections) {
        const { count, threshold, windowMs, ...facts } = evidence;
        const level = severity === "high" || severity === "critical" ? "error" : "warn";
        logger[level](
          {
            rule,
            ip: signal.ip,
            userAgent: signal.userAgent,
            path: signal.path,
            account: signal.account,
            scope,
            value,
            severity,
            mode,
            count,
            threshold,
            windowMs,
            facts: Object.keys(facts).length > 0 ? facts : undefined,
            action: decision?.action ?? "record",
            until: decision?.until == null ? undefined : new Date(decision.until).toISOString(),
            eventId: id,
          },
          "Security Alert",
        );
      }
    },
  };
}
