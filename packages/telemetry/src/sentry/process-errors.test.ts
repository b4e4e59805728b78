// The end of a real process that meets an error which nobody caught: it is told, and the process ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { type Behaviour, startSentryReceiver } from "../testing/sentry-receiver.ts";

const telemetry = JSON.stringify(new URL("../index.ts", import.meta.url).href);

async function end(fault: string, behaviour: Behaviour = "good") {
  const receiver = await startSentryReceiver(behaviour);
  const script = `
    import { createErrorReports, createLogger, onShutdown } from ${telemetry};
    const logger = createLogger({ level: "info" });
    const dsn = ${JSON.stringify(receiver.dsn)};
    const reports = await createErrorReports({ dsn, release: "x@1", logger, closeTimeoutMs: 300 });
    reports.watchProcess();
    setInterval(() => {}, 1000);
    onShutdown({ logger, steps: [{ name: "hang", run: () => new Promise(() => {}) }] });
    ${fault}`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  await receiver.close();
  return { code, output, events: receiver.events() };
}

const laterThrow = (what: string) => `setTimeout(() => { throw ${what}; });`;

it("an exception is reported as fatal, and ends the process with 1", async () => {
  const { code, output, events } = await end(laterThrow('new RangeError("nobody caught this")'));
  expect(code).toBe(1);
  expect(output).toContain("Uncaught; the process ends");
  expect(events).toMatchObject([
    { level: "fatal", exception: { values: [{ type: "RangeError", value: "nobody caught this" }] } },
  ]);
});

it("a rejection is, too, also while the process is stopping", async () => {
  const fault = 'process.emit("SIGTERM"); void Promise.reject(new Error("nobody waits for this"));';
  const { code, output, events } = await end(fault);
  expect(code).toBe(1);
  expect(output).toContain('"stopping"');
  expect(events).toMatchObject([
    { level: "fatal", exception: { values: [{ value: "nobody waits for this" }] } },
  ]);
});

it("it ends in time when the receiver never answers, and at once when there is a second one", async () => {
  const silent = await end(laterThrow('new Error("first")'), "silent");
  expect(silent.code).toBe(1);
  const second = await end(`${laterThrow("1")}${laterThrow("2")}`, "silent");
  expect(second.code).toBe(1);
  expect(second.output.match(/Uncaught/g)).toHaveLength(2);
});
