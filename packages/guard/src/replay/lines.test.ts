import { describe, expect, it } from "vitest";
import { createLineSplitter, maxLineLength } from "./lines.ts";

async function split(chunks: readonly (string | Uint8Array)[]): Promise<[string, boolean][]> {
  const lines: [string, boolean][] = [];
  const splitter = createLineSplitter((line, cut) => {
    lines.push([line, cut]);
  });
  for (const chunk of chunks) await splitter.write(Buffer.from(chunk));
  await splitter.end();
  return lines;
}
const texts = async (chunks: readonly (string | Uint8Array)[]) => (await split(chunks)).map(([line]) => line);

describe("lines", () => {
  it.each([
    [["a\nb\n"], ["a", "b"]],
    [["a\nb"], ["a", "b"]],
    [
      ["a\r\nb\r", "\nc\r"],
      ["a", "b", "c"],
    ],
    [
      ["a", "b", "\n", "\nc"],
      ["ab", "", "c"],
    ],
    [["", "\n"], [""]],
    [[], []],
  ])("of %j are %j", async (chunks, lines) => {
    expect(await texts(chunks)).toEqual(lines);
  });

  it("are the same however the bytes are cut", async () => {
    const text = "one\r\ntwo\n\nthr\0ee\xff\nfour";
    const whole = await texts([Buffer.from(text, "latin1")]);
    for (let cut = 0; cut <= text.length; cut++) {
      const [start, end] = [text.slice(0, cut), text.slice(cut)].map((part) => Buffer.from(part, "latin1"));
      expect(await texts([start as Buffer, end as Buffer])).toEqual(whole);
    }
  });

  it("that are too long are cut, and the next one is whole", async () => {
    const piece = "x".repeat(65_536);
    const lines = await split([...new Array(160).fill(piece), "\nshort\n", "y".repeat(maxLineLength), "\n"]);
    expect(lines.map(([line, cut]) => [line.length, cut])).toEqual([
      [maxLineLength, true],
      [5, false],
      [maxLineLength, false],
    ]);
  });

  it("wait for each other", async () => {
    const log: string[] = [];
    const splitter = createLineSplitter(async (line) => {
      log.push(`start ${line}`);
      await Promise.resolve();
      log.push(`end ${line}`);
    });
    await splitter.write(Buffer.from("a\nb\nc"));
    await splitter.end();
    expect(log).toEqual(["start a", "end a", "start b", "end b", "start c", "end c"]);
  });
});
