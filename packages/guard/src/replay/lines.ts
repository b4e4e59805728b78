// Chunks of a file cut into lines, in constant memory whatever the file holds.

/** A longer line is cut: no server writes one, and a file without line breaks must not fill the memory. */
export const maxLineLength = 256 * 1024;

export interface LineSplitter {
  /**
   * Resolves when every line that ends within the chunk was taken.
   * @param chunk any bytes; it may be reused afterwards
   */
  write(chunk: Uint8Array): void | Promise<void>;
  /** Hands over a last line without a line break. */
  end(): void | Promise<void>;
}

/**
 * @param onLine called with each line, read as latin1 (one character a byte), without `\n` or `\r\n`; the next line waits for the
 * promise that it may return. `cut` is true when the line was longer than `maxLineLength`.
 */
export function createLineSplitter(
  onLine: (line: string, cut: boolean) => void | Promise<void>,
): LineSplitter {
  let rest = "";
  let restCut = false;
  /** In the chunk at hand. */
  let place = 0;

  function keep(piece: string): void {
    if (piece === "") return;
    const room = maxLineLength - rest.length;
    if (piece.length > room) restCut = true;
    // A copy: a piece of a chunk keeps the whole chunk.
    rest += Buffer.from(piece.slice(0, room), "latin1").toString("latin1");
  }

  function takeRest(): void | Promise<void> {
    const line = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
    const cut = restCut;
    rest = "";
    restCut = false;
    return onLine(line, cut);
  }

  /** Takes lines from `place` on until there are no more or one wants to be waited for. */
  function takeLines(text: string): void | Promise<void> {
    for (;;) {
      const start = place;
      const end = text.indexOf("\n", start);
      if (end < 0) return keep(text.slice(start));
      place = end + 1;
      let waiting: void | Promise<void>;
      if (rest === "" && end - start <= maxLineLength) {
        waiting = onLine(text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end), false);
      } else {
        keep(text.slice(start, end));
        waiting = takeRest();
      }
      if (waiting instanceof Promise) return waiting;
    }
  }

  async function goOn(text: string, first: Promise<void>): Promise<void> {
    let waiting: void | Promise<void> = first;
    while (waiting instanceof Promise) {
      await waiting;
      waiting = takeLines(text);
    }
  }

  return {
    write(chunk) {
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
      place = 0;
      const waiting = takeLines(text);
      if (waiting instanceof Promise) return goOn(text, waiting);
    },
    end: () => (rest === "" ? undefined : takeRest()),
  };
}
