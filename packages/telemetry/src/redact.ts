// Takes secrets out of what is about to be logged, whatever depth they are at.

const redacted = "[redacted]";
/** Deeper than any line of ours; what is below is cut, so that a huge or circular object costs little. */
const maxDepth = 6;
const maxErrors = 5;

/** Compared without case, `-` and `_`. */
const secretNames = new Set([
  "authorization",
  "proxyauthorization",
  "code",
  "otp",
  "apikey",
  "xapikey",
  "email",
]);
/** `newPassword`, `refreshToken`, `set-cookie`, `FLUX_SECRET` and the like, and their plurals. */
const secretEnding = /(?:password|passphrase|token|cookie|secret|credential)s?$/;

/** A copy in which the value of every field named after a secret is `[redacted]`, and errors are plain objects. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactFields(fields, 0);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    copy[name] = isSecretName(name) && value !== undefined ? redacted : redactValue(value, depth + 1);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return "[deeper than the log goes]";
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (value instanceof Headers || value instanceof Map) {
    return redactFields(Object.fromEntries(value.entries()), depth);
  }
  return redactFields(value, depth);
}

/**
 * Errors carry whatever their library hung on them (a request with its headers, a failed row), so only known fields
 * are kept. An error's code names a kind of failure and is no secret.
 */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const errors = error instanceof AggregateError ? error.errors.slice(0, maxErrors) : undefined;
  return {
    type: name,
    message,
    code,
    stack,
    cause: cause === undefined ? undefined : redactValue(cause, depth + 1),
    errors: errors?.map((one) => redactValue(one, depth + 1)),
  };
}

/** The names of our own lines are few and short; what others choose has no end. */
const mostKnown = 1_000;
const longestKnown = 64;
const known = new Map<string, boolean>();

/** Whether what stands under this name (of a field, header or parameter) is a secret, going by the name. */
export function isSecretName(name: string): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
  const judged = looksSecret(name);
  if (known.size < mostKnown && name.length <= longestKnown) known.set(name, judged);
  return judged;
}

function looksSecret(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, "");
  return secretNames.has(plain) || secretEnding.test(plain);
}
