// A line for people that is wider than their terminal, broken where a new thought begins.

/** Behind a comma or a colon, at a wide space, before an arrow: so that no id, time or `5 of 10 in 30 min` is torn apart. */
const joints = /(?<=[,:] | {2})|(?= -> )/;

/** Only within what would fill a line by itself: a sentence. */
const words = /(?<= )/;

/** Of what continues the line above. */
const indent = "  ";

/**
 * @param columns of the terminal; undefined when it is none, and then nothing is broken: programs read lines
 * @returns the line, or several; what has no space stays whole, and the terminal breaks it
 */
export function fold(line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns) return line;
  const lines: string[] = [];
  let current = "";
  const fits = (piece: string) => indent.length + piece.trim().length <= columns;
  const pieces = line.split(joints).flatMap((piece) => (fits(piece) ? piece : piece.split(words)));
  for (const piece of pieces) {
    const longer = current + piece;
    if (current === "" || longer.trimEnd().length <= columns) {
      current = longer;
      continue;
    }
    lines.push(current.trimEnd());
    current = indent + piece.trimStart();
  }
  return [...lines, current].join("\n");
}
