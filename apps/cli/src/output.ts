// Standard output that waits for a slow reader and takes it quietly when the reader leaves (`flux … | head`).

import type { Writable } from "node:stream";

export interface Output {
  write(text: string): void;
  /** Resolves when the reader has caught up, or has left. */
  ready(): Promise<void>;
  /** Nobody reads any more: stop working for it. */
  readonly closed: boolean;
}

export function createOutput(stream: Writable = process.stdout): Output {
  let closed = false;
  let full = false;
  let wake: (() => void) | undefined;
  const caughtUp = () => {
    full = false;
    wake?.();
  };
  stream.on("drain", caughtUp);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closed = true;
    caughtUp();
  });
  return {
    write(text) {
      if (!closed && !stream.write(text)) full = true;
    },
    async ready() {
      if (!full || closed) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
    get closed() {
      return closed;
    },
  };
}
