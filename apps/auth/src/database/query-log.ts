// What Kysely is told so that somebody hears of each statement; nothing when nobody wants to, as it measures every one then.

import type { KyselyConfig } from "kysely";
import type { OnQuery } from "./database.ts";

export function queryLog(onQuery: OnQuery | undefined): Pick<KyselyConfig, "log"> {
  return onQuery ? { log: ({ query, queryDurationMillis }) => onQuery(query.sql, queryDurationMillis) } : {};
}
