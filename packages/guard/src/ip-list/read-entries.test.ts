// Lines come out as they went in, however the bytes were cut; and what is no list of lines.

import fc from "fast-check";
import { expect, it } from "vitest";
import { readEntries } from "./read-entries.ts";

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

async function read(
  text: string,
  sizes: readonly number[] = [],
  most = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const lines: string[] = [];
  await readEntries(pieces(Buffer.from(text), sizes), (line) => lines.push(line) < most);
  return lines;
}

const sizes = fc.array(fc.nat({ max: 12 }), { maxLength: 20 });

it("each line is taken once, with its number, whatever the pieces", async () => {
  const line = fc.constantFrom("203.0.113.7", "", "# a", "x\r", "2001:db8::/32");
  const property = fc.asyncProperty(fc.array(line, { minLength: 1 }), sizes, async (lines, cut) => {
    fc.pre(lines.some((one) => one.trim() !== ""));
    const text = lines.join("\n");
    // A line end at the end of a text begins no line.
    const expected = text.endsWith("\n") ? lines.slice(0, -1) : lines;
    expect(await read(text, cut)).toEqual(expected);
    expect(await read(`\ufeff${text}`, cut)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 1000, seed: 20_261_125 });
});

it("JSON is known by how it begins, whatever the pieces", async () => {
  const expected = ["203.0.113.0/24", "2001:db8::/32"];
  const texts = [
    JSON.stringify(expected),
    ` \n${JSON.stringify({ prefixes: expected }, null, 2)}\n`,
    `\ufeff${JSON.stringify({ note: "é", ips: expected })}`,
    `{"cidr":"203.0.113.0/24"}\n{"cidr":"2001:db8::/32"}\r\n\n{"type":"metadata"}\n`,
  ];
  const property = fc.asyncProperty(fc.constantFrom(...texts), sizes, async (text, cut) => {
    expect(await read(text, cut)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 500, seed: 20_261_125 });
});

it.each([`["203.0.113.7", "203.0.1`, `{"cidr":"203.0.113.0/24"}\n{"cidr":"203`, "[".repeat(200_000)])(
  "JSON that was cut off is no list, not the beginning of one",
  async (text) => {
    await expect(read(text)).rejects.toMatchObject({ failure: { code: "NOT_A_LIST" } });
  },
);

it("a text without line ends is not kept", async () => {
  const lines = await read("1".repeat(100_000), new Array(100).fill(1000));
  expect(lines.map((line) => line.length)).toEqual([8192]);
});

it("nothing is read after what is asked for", async () => {
  expect(await read("1\n2\n3\n4", [], 2)).toEqual(["1", "2"]);
  expect(await read("[[1],[2,3]]".replace(/\d/g, '"$&"'), [], 2)).toEqual(["1", "2"]);
});

it.each(["", "\n\n", "\ufeff"])("%j has no entries", async (text) => {
  expect((await read(text)).filter((line) => line.trim() !== "")).toEqual([]);
});
