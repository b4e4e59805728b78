// Text from outside, made fit for a line of a mail: no control characters, no direction tricks, not too long.

/**
 * Control, format and private characters, and halves of characters. Line breaks would start a new header or forge a line of
 * ours, and bidirectional overrides (U+202E) show an address backwards. The joiners that Persian and Indian names are
 * written with stay.
 */
const unfit = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * @param maxLength in characters as Unicode counts them; what is longer ends in "…"
 * @default maxLength 1_000
 */
export function plain(text: string, maxLength = 1_000): string {
  // A code point has at most two units, so that a megabyte costs no more than what can be kept of it.
  const start = text.slice(0, maxLength * 4);
  const clean = start.replace(unfit, " ").replace(/\s+/g, " ").trim();
  const characters = [...clean];
  if (characters.length <= maxLength && start.length === text.length) return clean;
  return `${characters
    .slice(0, maxLength - 1)
    .join("")
    .trimEnd()}…`;
}
