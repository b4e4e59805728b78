// Of the channels of alerts, those whose last alert did not get through.

import type { AlertList } from "@fluxstudio/admin-api";
import type { Finding } from "./finding.ts";

export function alertChannels({ incidents }: Pick<AlertList, "incidents">): Finding[] {
  const tried = incidents
    .flatMap(({ deliveries }) => deliveries)
    .filter(({ status, lastError }) => status === "sent" || lastError !== null)
    .sort((one, other) => other.createdAt - one.createdAt);
  const newest = Map.groupBy(tried, ({ channel }) => channel);
  return [...newest].flatMap(([channel, [last]]) =>
    last === undefined || last.status === "sent"
      ? []
      : [
          {
            check: `alerts by ${channel}`,
            ok: false,
            message: `${last.lastError}; see flux alerts list, and try flux alerts test`,
          },
        ],
  );
}
