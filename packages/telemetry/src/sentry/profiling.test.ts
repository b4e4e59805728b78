// Profiling by a module that is there or not: whatever it is like, reports go on without it; and what it sends is scrubbed.

import { createEnvelope } from "@sentry/core";
import { expect, it, onTestFinished } from "vitest";
import { startSentryReceiver } from "../testing/sentry-receiver.ts";
import { createSentryClient } from "./client.ts";
import { parseDsn } from "./dsn.ts";
import { loadProfiling } from "./profiling.ts";

async function load(module?: string) {
  const errors: unknown[] = [];
  const profiling = await loadProfiling((error) => errors.push(error), module);
  return { profiling, errors };
}

it("a module that is not installed is no mistake", async () => {
  expect(await load("@sentry/no-such-module")).toEqual({ profiling: undefined, errors: [] });
});

it.each([
  ["throws", "throw new Error('no native code for this platform')", /no native code/],
  ["lacks a module of its own", "import '@sentry/no-such-module'", /no-such-module/],
  ["has no profiler", "export {}", /nodeProfilingIntegration/],
])("a module that %s is told of, and done without", async (_, source, reason) => {
  const { profiling, errors } = await load(`data:text/javascript,${encodeURIComponent(source)}`);
  expect(profiling).toBeUndefined();
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(reason) })]);
});

/** As `@sentry/profiling-node` hands it to the transport, past all that the SDK does with events. */
const chunk = {
  ...{
    chunk_id: "c1",
    profiler_id: "p1",
    platform: "node",
    version: "2",
    release: "flux@7",
    environment: "x",
  },
  client_sdk: { name: "sentry.javascript.flux", version: "11" },
  measurements: { cpu_usage: { unit: "percent", values: [{ value: 0.5, timestamp: 1 }] } },
  debug_meta: { images: [{ type: "sourcemap", code_file: "/srv/planted/main.js", debug_id: "d" }] },
  server_name: "planted",
  profile: {
    samples: [{ stack_id: 0, thread_id: "0", timestamp: 1 }],
    stacks: [[0, 1]],
    frames: [
      {
        ...{ function: "verify", lineno: 3, colno: 4, in_app: true, module: "srv.planted:hash" },
        ...{ abs_path: "file:///srv/planted/src/hash.ts", filename: "file:///srv/planted/src/hash.ts" },
      },
      { function: "", lineno: 1, colno: 0, filename: "/srv/planted/node_modules/pg/lib/client.js" },
    ],
    thread_metadata: { 0: { name: "main" } },
    planted: "planted",
  },
};

it("a profile arrives with the places of functions within the program, and not whose directory that is on", async () => {
  const receiver = await startSentryReceiver();
  onTestFinished(() => receiver.close());
  const dsn = parseDsn(receiver.dsn);
  if (!dsn) return expect.unreachable();
  const client = await createSentryClient({
    ...{ dsn, environment: "test", release: "flux@7", tracesSampleRate: 1, now: Date.now },
    onTrouble: (reason) => expect.unreachable(reason),
    onNoProfiling: (error) => expect.unreachable(String(error)),
  });
  await client.sdk.getTransport()?.send(createEnvelope({}, [[{ type: "profile_chunk" }, chunk]] as never));
  await client.close(1_000);
  expect(receiver.faults).toEqual([]);
  const [envelope] = receiver.envelopes;
  expect(envelope?.text).not.toContain("planted");
  const { profile, ...rest } = JSON.parse(envelope?.items[0]?.payload ?? "{}");
  expect(rest).toMatchObject({ chunk_id: "c1", profiler_id: "p1", measurements: chunk.measurements });
  expect(profile).toEqual({
    ...{ samples: chunk.profile.samples, stacks: chunk.profile.stacks },
    frames: [
      { function: "verify", lineno: 3, colno: 4, in_app: true, filename: "app:///src/hash.ts" },
      { function: "", lineno: 1, colno: 0, filename: "app:///node_modules/pg/lib/client.js" },
    ],
    thread_metadata: { 0: { name: "main" } },
  });
});
