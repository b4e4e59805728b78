// The end of a real process: steps in order, exit within the limit, a second signal exits at once.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

describe("shutdown", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "runs the steps in order on %s and exits with 0",
    async (signal) => {
      const run = await start(`[
      { name: "one", run: async () => { await null; console.log("step one"); } },
      { name: "two", run: () => console.log("step two") },
    ]`);
      run.process.kill(signal);
      expect(await run.exit).toBe(0);
      expect(run.output().match(/step \w+/g)).toEqual(["step one", "step two"]);
    },
  );

  it("runs the steps after one that fails, and exits with 1", async () => {
    const run = await start(`[
      { name: "one", run: () => { throw new Error("no"); } },
      { name: "two", run: () => console.log("step two") },
    ]`);
    run.process.kill("SIGTERM");
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain("step two");
    expect(run.output()).toContain("a step of stopping failed");
  });

  it("exits with 1 when a step does not end in time", async () => {
    const run = await start(`[{ name: "wait for ever", run: () => new Promise(() => {}) }]`, 50);
    run.process.kill("SIGTERM");
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain('"step":"wait for ever"');
  });

  it("exits at once on a second signal", async () => {
    const run = await start(
      `[{ name: "hang", run: () => { console.log("hanging"); return new Promise(() => {}); } }]`,
    );
    run.process.kill("SIGTERM");
    await run.says("hanging");
    run.process.kill("SIGINT");
    expect(await run.exit).toBe(130);
  });
});

async function start(steps: string, timeoutMs = 10_000) {
  const script = `
    import { createLogger, onShutdown } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    setInterval(() => {}, 1000);
    onShutdown({ logger: createLogger({ level: "info" }), timeoutMs: ${timeoutMs}, steps: ${steps} });
    console.log("ready");`;
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit").then(([code]) => code as number | null);
  let output = "";
  const says = async (text: string) => {
    while (!output.includes(text)) output += String((await once(child.stdout as never, "data"))[0]);
  };
  await says("ready");
  child.stdout?.on("data", (chunk) => {
    output += String(chunk);
  });
  return { process: child, exit, says, output: () => output };
}
