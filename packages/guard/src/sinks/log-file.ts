// A file that lines are appended to: rotated by size, opened anew when somebody else has renamed it, and whole lines only.

import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Lines with a newline after each, how many of their bytes are written already, and into which file. */
export interface Appended {
  readonly bytes: Buffer;
  at: number;
  in?: FileHandle | undefined;
}

interface LogFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly maxOldFiles: number;
}

const newline = 0x0a;

/** One thing at a time: who calls waits for the answer before calling again. */
export function createLogFile({ path, maxBytes, maxOldFiles }: LogFileOptions) {
  let handle: FileHandle | undefined;
  let inode = 0;
  let size = 0;

  async function openNow(): Promise<void> {
    if (handle && (await isSame())) return;
    await leave();
    await mkdir(dirname(path), { recursive: true });
    const before = await stat(path).catch(() => undefined);
    // Opening a pipe, or writing to one, may take for ever.
    if (before && !before.isFile()) throw new Error(`${path} is no regular file.`);
    // Whom an address belongs to is nobody else's business.
    handle = await open(path, "a+", 0o600);
    ({ ino: inode, size } = await handle.stat());
    if (size > 0 && (await lastByte(handle)) !== newline) {
      // The process before was killed within a line.
      size += (await handle.write("\n")).bytesWritten;
    }
  }

  /** Not when `logrotate` and the like have renamed or removed it. */
  async function isSame(): Promise<boolean> {
    return (await stat(path).catch(() => undefined))?.ino === inode;
  }

  async function lastByte(of: FileHandle): Promise<number | undefined> {
    const { buffer, bytesRead } = await of.read(Buffer.alloc(1), 0, 1, size - 1);
    return bytesRead === 1 ? buffer[0] : undefined;
  }

  async function leave(): Promise<void> {
    const left = handle;
    handle = undefined;
    await left?.close();
  }

  async function rotate(): Promise<void> {
    await handle?.sync();
    await leave();
    await rm(`${path}.${maxOldFiles}`, { force: true });
    for (let i = maxOldFiles - 1; i > 0; i--) await renameIfThere(`${path}.${i}`, `${path}.${i + 1}`);
    if (maxOldFiles > 0) await renameIfThere(path, `${path}.1`);
    else await rm(path, { force: true });
    await openNow();
  }

  return {
    /** @throws what the file system said */
    open: openNow,

    /** After a failure, call it again with the same lines: it goes on where it was. @throws what the file system said */
    async append(lines: Appended): Promise<void> {
      await openNow();
      // The rest of a line is of no use in another file.
      if (lines.at > 0 && lines.in !== handle) lines.at = lines.bytes.lastIndexOf(newline, lines.at - 1) + 1;
      else if (lines.at === 0 && size > 0 && size + lines.bytes.length > maxBytes) await rotate();
      const into = handle as FileHandle;
      lines.in = into;
      while (lines.at < lines.bytes.length) {
        const { bytesWritten } = await into.write(lines.bytes, lines.at);
        lines.at += bytesWritten;
        size += bytesWritten;
      }
    },

    async close(): Promise<void> {
      try {
        await handle?.sync();
      } finally {
        await leave();
      }
    },
  };
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
