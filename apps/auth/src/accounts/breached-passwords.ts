// Asks a service whether a password is in a known breach, without telling it the password (k-anonymity).

import { createHash } from "node:crypto";

export interface BreachedPasswordsOptions {
  /** Of a range API as haveibeenpwned.com has it: five hexadecimal digits are put behind it. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The service did not answer as it should; told once for each `restMs`. */
  readonly onFailure: (error: unknown) => void;
  /** @default 1_000 */
  readonly timeoutMs?: number;
  /** How long a service that failed is left alone, so that not everybody waits for it. @default 60_000 */
  readonly restMs?: number;
}

export interface BreachedPasswords {
  /** Undefined when the service cannot say. */
  includes(password: string): Promise<boolean | undefined>;
}

/** An answer has some thousand lines of about 40 characters. */
const longestAnswer = 512 * 1024;
const line = /^([0-9A-F]{35}):(\d{1,12})$/;

export function createBreachedPasswords(options: BreachedPasswordsOptions): BreachedPasswords {
  const { url, now, onFailure, timeoutMs = 1_000, restMs = 60_000 } = options;
  let restUntil = Number.NEGATIVE_INFINITY;

  async function ask(prefix: string): Promise<string> {
    const response = await fetch(url + prefix, {
      // Padding hides from who sees the length of the answer which range was asked for.
      headers: { "Add-Padding": "true", "User-Agent": "flux-auth" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`The service answered with ${response.status}.`);
    return read(response);
  }

  return {
    async includes(password) {
      if (now() < restUntil) return undefined;
      const hash = createHash("sha1").update(password).digest("hex").toUpperCase();
      try {
        return occurs(hash.slice(5), await ask(hash.slice(0, 5)));
      } catch (error) {
        if (now() >= restUntil) onFailure(error);
        restUntil = now() + restMs;
        return undefined;
      }
    },
  };
}

async function read(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > longestAnswer) throw new Error("The service answered with more than a range.");
  }
  return text;
}

/** Lines of padding have a count of 0. */
function occurs(suffix: string, answer: string): boolean {
  let found = false;
  for (const text of answer.trim().split(/\r?\n/)) {
    const [, candidate, count] = line.exec(text) ?? [];
    if (candidate === undefined) throw new Error("The service answered with something else than a range.");
    if (candidate === suffix && Number(count) > 0) found = true;
  }
  return found;
}
