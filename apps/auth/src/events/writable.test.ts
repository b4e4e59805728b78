// Where files can be made and where not, whoever runs this: root may write to what its modes forbid.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { directoryProblem, fileProblem } from "./writable.ts";

function start() {
  const root = mkdtempSync(join(tmpdir(), "flux-test-writable-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [file, directory] = [join(root, "file"), join(root, "directory")];
  writeFileSync(file, "");
  mkdirSync(directory);
  return { root, file, directory };
}

it("what is there, or can be made, is no problem, and nothing is made by asking", async () => {
  const { root, file, directory } = start();
  for (const path of [file, join(directory, "new"), join(directory, "new/deep/new")])
    expect(await fileProblem(path), path).toBeUndefined();
  for (const path of [directory, join(directory, "new/deep")])
    expect(await directoryProblem(path), path).toBeUndefined();
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(["directory", "file"]);
});

it("something else in its place, or above it, is named", async () => {
  const { file, directory } = start();
  expect(await fileProblem(directory)).toBe(`${directory} is no regular file`);
  expect(await fileProblem(join(file, "events.jsonl"))).toBe(`${file} is no directory`);
  expect(await directoryProblem(file)).toBe(`${file} is no directory`);
  expect(await directoryProblem(join(file, "a/b"))).toBe(`${file} is no directory`);
  expect(await fileProblem("/dev/null")).toBe("/dev/null is no regular file");
});

it("what belongs to somebody else is named", async (context) => {
  if (process.getuid?.() === 0) return context.skip("root may write everywhere");
  const { file, directory } = start();
  chmodSync(file, 0o400);
  chmodSync(directory, 0o500);
  expect(await fileProblem(file)).toBe(`this user may not write to ${file}`);
  expect(await directoryProblem(join(directory, "a"))).toBe(`this user may not write to ${directory}`);
});
