// Every event is one whole line, in a bounded number of files, and what goes wrong with the disk stays with the sink.

import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import type { SecurityEvent } from "../event.ts";
import { createFileSink, type FileSinkOptions } from "./file-sink.ts";

const signal = { type: "sign-in-failure", at: 0, ip: "192.0.2.1" } as const;
const event = (id: string | number): SecurityEvent => ({ id: String(id), at: 0, signal, detections: [] });
const lineLength = JSON.stringify(event(100)).length + 1;

function setUp() {
  const directory = mkdtempSync(join(tmpdir(), "flux-file-sink-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "events.jsonl");
  const told: unknown[] = [];
  const start = (options: Partial<FileSinkOptions> = {}) => {
    const sink = createFileSink({
      path,
      retryMs: 1,
      ...options,
      onError: (error) => told.push(String(error)),
      onRecovered: (report) => told.push(report),
    });
    onTestFinished(() => sink.close().catch(() => {}));
    return sink;
  };
  return { directory, path, told, start };
}

const linesOf = (path: string): SecurityEvent[] => {
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
};
const idsOf = (path: string): number[] => linesOf(path).map(({ id }) => Number(id));
const range = (from: number, until: number) => Array.from({ length: until - from }, (_, i) => from + i);

it("an event is a line of JSON, in the order of writing, whatever was in the file before", async () => {
  const { path, start } = setUp();
  const sink = start();
  for (const i of range(0, 1_000)) expect(sink.write(event(i))).toBeUndefined();
  await sink.close();
  const next = start();
  next.write(event(1_000));
  await next.flush();
  expect(idsOf(path)).toEqual(range(0, 1_001));
});

it("an event is written after a while without being asked", async () => {
  const { path, start } = setUp();
  const sink = start({ flushIntervalMs: 1 });
  sink.write(event(1));
  await expect.poll(() => existsSync(path) && readFileSync(path, "utf8")).toContain('"id":"1"');
});

it("an event is written as its format says", async () => {
  const { path, start } = setUp();
  const sink = start({ format: ({ id, signal: { ip } }) => ({ id, ip, text: "a\nb" }) });
  sink.write(event(7));
  await sink.flush();
  expect(readFileSync(path, "utf8")).toBe('{"id":"7","ip":"192.0.2.1","text":"a\\nb"}\n');
});

it("the file and its directory are made, and nobody else may read it", async () => {
  const { directory, start } = setUp();
  const path = join(directory, "a/b/events.jsonl");
  const sink = start({ path });
  sink.write(event(1));
  await sink.flush();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("files are renamed when they are full, and the oldest is deleted", async () => {
  const { path, start } = setUp();
  const sink = start({ maxBytes: 10 * lineLength, maxOldFiles: 2 });
  for (const i of range(100, 150)) {
    sink.write(event(i));
    await sink.flush();
  }
  expect(idsOf(path)).toEqual(range(140, 150));
  expect(idsOf(`${path}.1`)).toEqual(range(130, 140));
  expect(idsOf(`${path}.2`)).toEqual(range(120, 130));
  expect(existsSync(`${path}.3`)).toBe(false);
});

it("a file that another program renamed is left to it, and a new one begun", async () => {
  const { path, start } = setUp();
  const sink = start();
  sink.write(event(1));
  await sink.flush();
  renameSync(path, `${path}-2026-11-28`);
  sink.write(event(2));
  await sink.flush();
  expect([idsOf(`${path}-2026-11-28`), idsOf(path)]).toEqual([[1], [2]]);
});

it("a line that a killed process left half written spoils no other", async () => {
  const { path, start } = setUp();
  writeFileSync(path, '{"id":"0"}\n{"id":"1","sig');
  const next = start();
  next.write(event(2));
  await next.flush();
  const [whole, torn, after] = readFileSync(path, "utf8").split("\n");
  expect([whole, torn, JSON.parse(after ?? "").id]).toEqual(['{"id":"0"}', '{"id":"1","sig', "2"]);
});

it("while nothing can be written, writing neither throws nor waits, the surplus is dropped and counted, and it recovers", async () => {
  const { path, told, start } = setUp();
  mkdirSync(path);
  const sink = start({ maxQueued: 10 });
  for (const i of range(0, 25)) expect(sink.write(event(i))).toBeUndefined();
  for (let i = 0; i < 3; i++) await expect(sink.flush()).rejects.toThrow("is no regular file");
  expect(sink.status()).toEqual({ queued: 10, dropped: 15, failing: true });
  expect(told).toEqual([`Error: ${path} is no regular file.`]);
  rmdirSync(path);
  await expect.poll(() => sink.status()).toEqual({ queued: 0, dropped: 15, failing: false });
  expect(idsOf(path)).toEqual(range(0, 10));
  expect(told.slice(1)).toEqual([{ dropped: 15 }]);
});

it("a pipe is refused, because writing to one may take for ever", async () => {
  const { path, told, start } = setUp();
  await promisify(execFile)("mkfifo", [path]);
  const sink = start();
  sink.write(event(1));
  await expect(sink.flush()).rejects.toThrow("is no regular file");
  expect(told).toHaveLength(1);
});

it("what waits at the end is written, and what comes after it is dropped", async () => {
  const { path, start } = setUp();
  const sink = start({ flushIntervalMs: 60_000 });
  for (const i of range(0, 450)) sink.write(event(i));
  await sink.close();
  sink.write(event(450));
  expect(idsOf(path)).toEqual(range(0, 450));
  expect(sink.status().dropped).toBe(1);
});

it("a full disk tears no line and repeats none", async () => {
  const { directory } = setUp();
  const path = join(directory, "full.jsonl");
  const program = new URL("test-full-disk.ts", import.meta.url).pathname;
  // No file may become larger than 4 kB; a process that does not ignore the signal for it is killed.
  const script = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    script,
    process.execPath,
    program,
    path,
    "60",
    "50",
  ]);
  expect(JSON.parse(stdout)).toEqual({
    told: ["EFBIG", { dropped: 10 }],
    refused: true,
    during: { queued: 50, dropped: 10, failing: true },
    after: { queued: 0, dropped: 10, failing: false },
  });
  const full = readFileSync(`${path}.full`, "utf8");
  expect(full).toHaveLength(4096);
  const written = full
    .slice(0, full.lastIndexOf("\n") + 1)
    .trimEnd()
    .split("\n")
    .map((line) => Number(JSON.parse(line).id));
  expect([...written, ...idsOf(path)]).toEqual(range(0, 50));
});
