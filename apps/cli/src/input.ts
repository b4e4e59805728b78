// A file or standard input, read in pieces.

import { createReadStream, fstatSync, openSync } from "node:fs";
import { CliError } from "./cli-error.ts";

export interface Input {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** For messages. */
  readonly name: string;
  /** Undefined for what is no regular file. */
  readonly size: number | undefined;
  bytesRead(): number;
  /** Ends the bytes here, as if there were no more. */
  stop(): void;
}

/** Larger pieces are no faster, and what is made of them lives longer. */
const pieceBytes = 64 * 1024;

/** @param file undefined or `-`: standard input @throws CliError `UNREADABLE` */
export function openInput(file: string | undefined): Input {
  const isStdin = file === undefined || file === "-";
  const name = isStdin ? "standard input" : file;
  const handle = isStdin ? 0 : open(file);
  const stats = fstatSync(handle);
  if (stats.isDirectory()) throw new CliError("UNREADABLE", `${name} is a directory.`);
  const stream = isStdin ? process.stdin : createReadStream("", { fd: handle, highWaterMark: pieceBytes });
  let read = 0;
  let stopped = false;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        if (stopped) return;
        read += piece.length;
        yield piece;
      }
    } catch (cause) {
      // Stopping destroys the stream, which says so by an error.
      if (stopped) return;
      throw new CliError("UNREADABLE", `${name} cannot be read: ${(cause as Error).message}`, { cause });
    }
  }
  return {
    bytes: bytes(),
    name,
    size: stats.isFile() ? stats.size : undefined,
    bytesRead: () => read,
    stop() {
      stopped = true;
      stream.destroy();
    },
  };
}

function open(file: string): number {
  try {
    return openSync(file, "r");
  } catch (cause) {
    throw new CliError("UNREADABLE", `${file} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}
