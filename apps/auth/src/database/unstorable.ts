// Tells a row that the database refuses from a database that does not work.

/** Values that the database refuses, as opposed to a database that does not work. */
export function isUnstorable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A value of a type that cannot be written at all.
  if (error instanceof TypeError) return true;
  // https://www.sqlite.org/rescode.html: SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH; the low byte is the primary code.
  if ("errcode" in error) return [18, 19, 20].includes(Number(error.errcode) & 0xff);
  // https://www.postgresql.org/docs/current/errcodes-appendix.html: data exception, integrity constraint
  // violation, and a limit of the program, such as how long a text in an index may be.
  return "code" in error && /^(?:22|23|54)...$/.test(String(error.code));
}
