import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { plainBytes } from "./plain-bytes.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let place = 0; place < bytes.length; place += size) yield bytes.subarray(place, place + size);
}

async function read(bytes: Buffer, size: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of plainBytes(inPieces(bytes, size))) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("bytes of a log", () => {
  it.each([1, 3, 1000])("are unpacked when they are gzip, in pieces of %i", async (size) => {
    expect(await read(gzipSync("a\nb\n"), size)).toBe("a\nb\n");
    expect(await read(Buffer.concat([gzipSync("a\n"), gzipSync("b\n")]), size)).toBe("a\nb\n");
  });

  it.each([1, 3, 1000])("are left as they are otherwise, in pieces of %i", async (size) => {
    for (const text of ["", "a", "a\nb\n"]) expect(await read(Buffer.from(text), size)).toBe(text);
  });

  it("that are damaged are an error after what could be read", async () => {
    const packed = gzipSync("line\n".repeat(100_000));
    await expect(read(packed.subarray(0, packed.length - 20), 64)).rejects.toThrow("unexpected end of file");
  });

  it("are let go of when the reader stops", async () => {
    let released = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from("a\n");
      } finally {
        released = true;
      }
    }
    for await (const _ of plainBytes(endless())) break;
    expect(released).toBe(true);
  });
});
