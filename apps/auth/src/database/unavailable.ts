// Whether a query failed because the database could not be asked now, and not because of what was asked.

/** Of Node's sockets, and PostgreSQL's classes 08 (connection), 53 (resources) and 57P (shutting down, starting up). */
const codes = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08...|53...|57P0[123])$/;
/** SQLite's primary result code for a database that another process is writing to. */
const sqliteBusy = 5;
/** What pg says without a code: the pool is exhausted, the connection broke, or no answer came in time. */
const messages =
  /^(?:timeout exceeded when trying to connect|Connection terminated.*|Query read timeout|Client has encountered a connection error.*)$/;

/** Looks through the causes too, as libraries wrap what they were thrown. */
export function isUnavailable(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  const own = codes.test(String(code)) || errcode === sqliteBusy || messages.test(error.message);
  return own || isUnavailable(error.cause, depth + 1);
}
