// Writes events while no file of this process may grow any further, renames the file away, and says what came of it: see the test.

import { renameSync } from "node:fs";
import { createFileSink } from "./file-sink.ts";

const [path = "", count = "0", maxQueued = "0"] = process.argv.slice(2);
const told: unknown[] = [];
const sink = createFileSink({
  path,
  maxQueued: Number(maxQueued),
  retryMs: 60_000,
  onError: (error) => told.push((error as NodeJS.ErrnoException).code),
  onRecovered: (report) => told.push(report),
});
const signal = { type: "sign-in-failure", at: 0, ip: "192.0.2.1" } as const;
for (let i = 0; i < Number(count); i++) sink.write({ id: String(i), at: 0, signal, detections: [] });
const refused = await sink.flush().then(
  () => false,
  () => true,
);
const during = sink.status();
renameSync(path, `${path}.full`);
await sink.close();
process.stdout.write(JSON.stringify({ told, refused, during, after: sink.status() }));
