// One line on the terminal that says how far a long read has come. Elsewhere nothing.

export interface ProgressState {
  readonly lines: number;
  /** Undefined when the end is not known. */
  readonly share: number | undefined;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

const intervalMs = 200;

/** @param now milliseconds from any start */
export function createProgress(
  terminal: { readonly isTTY?: boolean; write(text: string): unknown },
  now: () => number,
): Progress {
  if (!terminal.isTTY) return { update: () => {}, clear: () => {} };
  const startedAt = now();
  let shownAt = startedAt;
  let shown = false;
  return {
    update({ lines, share }) {
      const at = now();
      if (at - shownAt < intervalMs) return;
      shownAt = at;
      shown = true;
      const rate = Math.round((lines / (at - startedAt)) * 1000);
      const done = share === undefined ? "" : `${Math.min(100, Math.floor(share * 100))} %, `;
      terminal.write(`\r\x1b[K${done}${grouped(lines)} lines, ${grouped(rate)} lines/s`);
    },
    clear() {
      if (shown) terminal.write("\r\x1b[K");
      shown = false;
    },
  };
}

/** 1234567 becomes 1,234,567. */
export const grouped = (number: number): string => number.toLocaleString("en-GB");
