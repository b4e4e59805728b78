// Text from outside, made safe for a terminal.

/**
 * Control characters (an escape sequence can rename the window, hide lines or type for the user), and those that turn the
 * direction of writing round, as `\u{…}`; the rest as it is, cut to `longest` characters.
 */
export function printable(text: string, longest = 200): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
