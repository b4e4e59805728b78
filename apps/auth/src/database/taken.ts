// Whether a row was refused because another one has the same value where only one may have it.

/** https://www.sqlite.org/rescode.html#constraint_unique */
const sqliteConstraintUnique = 2067;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html, unique_violation */
const postgresUniqueViolation = "23505";

export function isTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return errcode === sqliteConstraintUnique || code === postgresUniqueViolation;
}
