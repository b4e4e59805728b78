// Lines of one moment go out together and in order, and a process that ends, even by an error, has written all of them.

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { createLineBuffer } from "./line-buffer.ts";

it("lines of one moment are one write, and those of a later one another", async () => {
  const writes: string[] = [];
  const buffer = createLineBuffer({ write: (text) => void writes.push(text) });
  for (const line of ["a\n", "b\n"]) buffer.write(line);
  expect(writes).toEqual([]);
  await expect.poll(() => writes).toEqual(["a\nb\n"]);
  buffer.write("c\n");
  await expect.poll(() => writes).toEqual(["a\nb\n", "c\n"]);
});

it("a moment in which much is written does not keep it all", () => {
  const writes: string[] = [];
  const buffer = createLineBuffer({ write: (text) => void writes.push(text) });
  for (let i = 0; i < 1_000; i++) buffer.write("x".repeat(1_000));
  expect(writes.length).toBeGreaterThan(10);
});

it.each(["process.exit(3)", "throw new Error('no')", "setTimeout(() => process.exit(), 0)"])(
  "nothing is lost by %s",
  (end) => {
    const index = JSON.stringify(new URL("./index.ts", import.meta.url).href);
    const script = `
      import { createLogger } from ${index};
      const logger = createLogger({ level: "info" });
      for (let i = 0; i < 3000; i++) logger.info({ i }, "line");
      ${end};`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).i)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  },
);
