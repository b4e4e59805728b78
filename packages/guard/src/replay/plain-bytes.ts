// A log as it was before it was compressed.

import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const gzipMagic = [0x1f, 0x8b];

/**
 * The bytes as they are, or unpacked when they begin like gzip, whatever the file is called. Several gzip files one after
 * the other are one. A damaged file gives what can be read of it, then throws.
 */
export async function* plainBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    const first: Uint8Array[] = [];
    let length = 0;
    while (length < gzipMagic.length) {
      const next = await source.next();
      if (next.done) break;
      first.push(next.value);
      length += next.value.length;
    }
    const start = Buffer.concat(first);
    const all = joined(start, source);
    if (!gzipMagic.every((byte, index) => start[index] === byte)) {
      yield* all;
      return;
    }
    const packed = Readable.from(all, { objectMode: false });
    const unpacked = createGunzip({ chunkSize: 64 * 1024 });
    packed.on("error", (error) => unpacked.destroy(error));
    try {
      yield* packed.pipe(unpacked);
    } finally {
      packed.destroy();
    }
  } finally {
    await source.return?.();
  }
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
