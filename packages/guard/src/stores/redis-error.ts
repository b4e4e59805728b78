// What a failed call to Redis means: a stable code for operators, whose log also has what the server said.

import { ErrorReply } from "@redis/client";
import { GuardError } from "../errors.ts";

/** The first word of an answer that is an error: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const full = new Set(["OOM", "MISCONF"]);
const away = new Set(["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "BUSY"]);

/** An answer that says something else about the call is thrown as it is: then the mistake is in the call. */
export function redisError(cause: unknown): unknown {
  const word = cause instanceof ErrorReply ? (cause.message.split(" ", 1)[0] ?? "") : undefined;
  if (word !== undefined && full.has(word)) {
    return new GuardError("STORE_FULL", "Redis takes no more writes.", { cause });
  }
  if (word === undefined || away.has(word)) {
    return new GuardError("STORE_UNAVAILABLE", "Redis cannot be used at this moment.", { cause });
  }
  return cause;
}
