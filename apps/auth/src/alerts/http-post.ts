// Posts an alert to an address that the operator has set: in bounded time, with a bounded answer, and to nowhere else.

import { plain } from "../mail/plain.ts";
import { DeliveryError } from "./channel.ts";

export interface HttpPostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  readonly signal: AbortSignal;
  /** @default 10_000 */
  readonly timeoutMs?: number;
  /** For `Retry-After` with a date. */
  readonly at: number;
}

/** What is read of an answer: enough for a sentence about what is wrong. */
const longestAnswer = 2_048;
const longestRetryAfterMs = 3_600_000;

/** @returns what came back, in a few words @throws DeliveryError when it is not taken */
export async function httpPost(options: HttpPostOptions): Promise<string> {
  const { url, headers, body, signal, timeoutMs = 10_000, at } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        // An answer of a few bytes that unfolds to a gigabyte is not to be unfolded.
        "accept-encoding": "identity",
        "user-agent": "flux-auth",
        ...headers,
      },
      body,
      // Whoever answers must not send the alert, and its signature, to somebody else.
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    if (timeout.aborted) throw new DeliveryError(`there was no answer within ${timeoutMs / 1000} s`);
    throw new DeliveryError(reasonOf(error));
  }
  const said = await startOf(response);
  if (response.ok) return `${response.status}${said && ` ${said}`}`;
  if (response.status >= 300 && response.status < 400) {
    const to = URL.parse(response.headers.get("location") ?? "", url)?.host ?? "somewhere";
    throw new DeliveryError(
      `it answered ${response.status} and leads to ${plain(to, 100)}, where alerts do not follow: set the address that is meant`,
    );
  }
  throw new DeliveryError(
    `it answered ${response.status}${said && `: ${said}`}`,
    retryAfterMs(response.headers.get("retry-after"), at),
  );
}

/** The beginning of what was answered, without anything as long as a token. The rest is not read. */
async function startOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = response.body?.getReader();
    while (reader && length < longestAnswer) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      length += value.length;
    }
    await reader?.cancel();
  } catch {
    // It answered, and broke off: the status says what it thinks.
  }
  const text = Buffer.concat(pieces).subarray(0, longestAnswer).toString("utf8");
  return plain(text.replace(/[\w+/=%.-]{20,}/g, "[…]"), 200);
}

/** In seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterMs(text: string | null, at: number): number {
  if (text === null) return 0;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - at;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), longestRetryAfterMs) : 0;
}

/** fetch() says only that it failed; its cause says why, and neither names the path, which may be a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it could not be asked";
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  const words = [cause?.code, cause?.message ?? error.message].filter((word) => typeof word === "string");
  return plain([...new Set(words)].join(": "), 200);
}
