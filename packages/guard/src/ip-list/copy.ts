// Keeps what was taken of a source in a file, for a start at which the source cannot be asked.

import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface Copy {
  /** The same chunks, written down as they are read. */
  of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** Puts it in place of the one before. @returns why that failed: what is listed does not depend on it */
  keep(): Promise<string | undefined>;
  /** Forgets what is not kept. */
  drop(): Promise<void>;
}

/** @param path of the file; its directory is made when it is missing */
export function createCopy(path: string): Copy {
  // Of processes that share the directory each writes its own.
  const temporary = `${path}.${process.pid}.tmp`;
  let file: FileHandle | undefined;
  let problem: string | undefined;

  async function attempt(run: () => Promise<unknown>): Promise<void> {
    if (problem !== undefined) return;
    try {
      await run();
    } catch (error) {
      problem = String((error as NodeJS.ErrnoException).code ?? error);
    }
  }

  async function begin(): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    file = await open(temporary, "w", 0o600);
  }

  return {
    async *of(chunks) {
      await attempt(begin);
      for await (const chunk of chunks) {
        await attempt(async () => file?.writeFile(chunk));
        yield chunk;
      }
    },

    async keep() {
      await attempt(async () => {
        // Whole on the disk before it has the name.
        await file?.sync();
        await rename(temporary, path);
      });
      return problem;
    },

    async drop() {
      await file?.close().catch(() => {});
      await rm(temporary, { force: true }).catch(() => {});
    },
  };
}
