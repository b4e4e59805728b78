// Takes secrets out of text that nobody wrote field by field: messages of errors, addresses, statements.
//
// What has a name is judged by it, with the words that the log goes by. What has none is judged by its shape, and rather too
// much is taken out: a message that lost an id can still be understood.

import { isSecretName } from "../redact.ts";
import { looksLikeBackupCode, looksRandom } from "./looks-random.ts";

const redacted = "[redacted]";
const maxSql = 300;

/** The rest of the line is the secret. */
const headerLine = /\b((?:set-)?cookie2?|(?:proxy-)?authorization)(["']?\s*[:=])[^\r\n]*/gi;
const credentialsInUrl = /\b([a-z][a-z\d+.-]{1,20}:\/\/)[^\s/?#@"'<>]+@/gi;
/** From `?` or `#` on, where a name and a value follow, as in an address that was mailed to somebody. */
const query = /([?#])[^\s"'<>?#=]{1,200}=[^\s"'<>]*/g;
const scheme = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const pair = /(["']?)(?<![\w-])([\w-]{2,40})\1(\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,;&"'(){}[\]]+)/g;
/** What stands for a parameter in a statement. */
const placeholder = /^(?:\?|\$\d+)$/;
/** Where a run begins, so that each is looked at once. */
const email = /(?<![^\s@<>"'`(),;:=/\\[\]])[^\s@<>"'`(),;:=/\\[\]]+(?:@|%40)[^\s@<>"'`(),;:=/\\[\]]+/g;
const longRun = /[\w-]{20,}/g;
const longestSecret = 200;
const backupCode = /(?<![\w-])[a-z\d]{5}-[a-z\d]{5}(?![\w-])/gi;

/** @param maxLength of what comes back; what is longer is cut first, so that a huge text costs little */
export function scrubText(text: string, maxLength = 1_000): string {
  const short = text.length > maxLength ? cutAtWord(text, maxLength) : text;
  // Most texts have none of these characters, and there are many texts in a trace.
  if (!/[=:@%]|bearer|basic/i.test(short)) return withoutShapes(short);
  const named = short
    .replace(headerLine, `$1$2 ${redacted}`)
    .replace(credentialsInUrl, `$1${redacted}@`)
    .replace(query, `$1${redacted}`)
    .replace(scheme, `$1 ${redacted}`)
    .replace(pair, (whole, quote, name, between, value) =>
      isSecretName(name) && !placeholder.test(value) ? `${quote}${name}${quote}${between}${redacted}` : whole,
    );
  return withoutShapes(named);
}

/** Half of a secret, at the cut, has lost its shape. */
function cutAtWord(text: string, maxLength: number): string {
  const cut = text.slice(0, maxLength);
  const end = Math.max(cut.lastIndexOf(" "), cut.lastIndexOf("\n"));
  return `${cut.slice(0, Math.max(end + 1, maxLength - longestSecret))}…`;
}

/** Without its literals: what a statement asks for, and not about whom. */
export function scrubSql(sql: string): string {
  const start = sql.slice(0, maxSql).replace(/'(?:[^']|'')*(?:'|$)/g, "?");
  return withoutShapes(start.replace(/\s+/g, " "));
}

function withoutShapes(text: string): string {
  const anonymous = /[@%]/.test(text) ? text.replace(email, "[e-mail]") : text;
  return anonymous
    .replace(longRun, (run) => (looksRandom(run) ? redacted : run))
    .replace(backupCode, (code) => (looksLikeBackupCode(code) ? redacted : code));
}
