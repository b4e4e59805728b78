// How long a mail waits after a failed try.

const firstMs = 30_000;
const longestMs = 2 * 3_600_000;

/**
 * Doubles from half a minute to two hours, give or take a quarter, so that mails which failed together do not come back
 * together. Greylisting asks for some minutes (RFC 6647), which the fifth try is past.
 * @param attempts how many there were, 1 or more
 * @param random from 0 to 1
 */
export function retryDelayMs(attempts: number, random: number): number {
  return Math.round(Math.min(firstMs * 2 ** (attempts - 1), longestMs) * (0.75 + random / 2));
}
