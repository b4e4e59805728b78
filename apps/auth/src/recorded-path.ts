// The path of a request as it may be written down: what is no word of a route may be a token that somebody was mailed.

/** In characters. No route is as long; a path may be as long as all headers together, and a line of the log is written for each. */
const longest = 512;

/**
 * Makes a function that puts `*` in the place of every segment that occurs in no route: `/reset-password/Xy12` becomes
 * `/reset-password/*`. Names of routes are let through, not shapes of secrets kept out, so that no secret has to be recognised.
 * What is longer than any route is cut.
 * @param routes patterns such as `/reset-password/:token`, asked for when the first path comes
 */
export function createRecordedPath(routes: () => readonly string[]): (path: string) => string {
  let words: ReadonlySet<string> | undefined;
  return (path) => {
    words ??= new Set(routes().flatMap((route) => route.split("/")));
    const known = words;
    return path
      .slice(0, longest)
      .split("/")
      .map((segment) => (known.has(segment) ? segment : "*"))
      .join("/");
  };
}
