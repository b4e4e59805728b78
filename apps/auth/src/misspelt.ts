// Names that are nearly those of a list: a variable that is misspelt is as good as not set, and says nothing of it.

/** @returns the name of the list that this one was probably meant to be; undefined when it is one, or unlike all of them */
export function meantBy(name: string, names: readonly string[]): string | undefined {
  if (names.includes(name)) return undefined;
  const allowed = Math.floor(name.length / 4);
  const near = names
    .filter((other) => Math.abs(other.length - name.length) <= allowed)
    .map((other) => ({ other, distance: distanceBetween(name, other) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.other;
}

/** How many characters have to be put in, left out or changed (V. I. Levenshtein, 1965). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, otherLetter] of [...other].entries()) {
      const changed = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, changed));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
