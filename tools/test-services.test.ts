// The servers that `npm test` starts are there, answer, and are closed to strangers.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { freePort, startServer } from "./test-services/server-process.ts";
import { find, howToInstall, provide, type SystemProgram } from "./test-services/system-program.ts";

describe("the Redis of this test run", () => {
  it("answers PING to its password", async (context) => {
    const { port, password } = redisAddress(context);
    expect(await talk(port, `AUTH ${password}\r\nPING\r\n`, 2)).toEqual(["+OK", "+PONG"]);
  });

  it("refuses a client without the password", async (context) => {
    const { port } = redisAddress(context);
    expect(await talk(port, "PING\r\n", 1)).toEqual(["-NOAUTH Authentication required."]);
  });
});

describe("a server that does not start", () => {
  it("is reported with what it said, and leaves no directory behind", async () => {
    const directory = mkdtempSync(join(tmpdir(), "flux-test-"));
    const started = startServer({
      program: process.execPath,
      args: ["-e", "console.error('bad luck'); process.exit(3)"],
      directory,
      port: await freePort(),
      url: "",
      question: Buffer.from("?"),
      isReady: () => true,
      stopSignal: "SIGTERM",
    });
    await expect(started).rejects.toThrow(/did not start. It said:\nbad luck/);
    expect(() => rmSync(directory)).toThrow(/ENOENT/);
  });
});

describe("a server of a test about outages", () => {
  it("stands still and goes on at a signal, and is stopped while it stands still", async () => {
    const port = await freePort();
    const server = await startServer({
      program: process.execPath,
      args: [
        "-e",
        `require("node:net").createServer((socket) => socket.on("error", () => {}).end("here")).listen(${port}, "127.0.0.1")`,
      ],
      directory: mkdtempSync(join(tmpdir(), "flux-test-")),
      port,
      url: "",
      question: Buffer.from("?"),
      isReady: (answer) => String(answer) === "here",
      stopSignal: "SIGTERM",
    });
    server.signal("SIGSTOP");
    // The system takes the connection; nobody answers.
    const socket = connect(server.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    await once(socket, "connect");
    expect(answer).toBe("");
    server.signal("SIGCONT");
    await once(socket, "end");
    expect(answer).toBe("here");
    server.signal("SIGSTOP");
    await server.stop();
    await expect(once(connect(port, "127.0.0.1"), "connect")).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("a program that is nowhere to be found", () => {
  const program: SystemProgram = {
    names: ["flux-no-such-program"],
    directories: ["/nowhere/*/bin"],
    aptPackage: "flux-no-such-package",
    brewPackage: "flux-no-such-formula",
    neededBy: "the tests named *.never.test.ts",
  };

  it("is not found", () => {
    expect(find(program)).toBeUndefined();
  });

  it("is named in one sentence, with the command that installs it and the tests that need it", () => {
    expect(howToInstall(program)).toMatch(
      /apt-get install flux-no-such-package.*\*\.never\.test\.ts need it\.$/,
    );
  });

  it("ends what needs it with that sentence alone", () => {
    const script = `import { provide } from "./tools/test-services/system-program.ts";
      import { orMissing } from "./e2e/missing.ts";
      await orMissing((async () => provide([${JSON.stringify(program)}]))());`;
    // Without a PATH there is no apt-get, either.
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      ...{ cwd: join(import.meta.dirname, ".."), encoding: "utf8", env: { PATH: "/nowhere" } },
    });
    expect(status).toBe(1);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(howToInstall(program));
    expect(stderr).not.toContain("    at ");
  });

  it("is no reason to install anything when nothing is missing", () => {
    expect(provide([{ ...program, names: ["sh"] }])).toEqual([expect.stringMatching(/\/sh$/)]);
  });
});

function redisAddress(context: TestContext): { port: number; password: string } {
  const address = process.env.FLUX_TEST_REDIS_URL;
  if (address === undefined) return context.skip("FLUX_TEST_REDIS_URL is not set; npm test sets it");
  const { port, password } = new URL(address);
  return { port: Number(port), password };
}

/** Sends a text and returns the first lines of the answer. */
async function talk(port: number, text: string, lines: number): Promise<string[]> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.setEncoding("utf8").write(text);
  let answer = "";
  while (answer.split("\r\n").length <= lines) {
    const [chunk]: string[] = await once(socket, "data");
    answer += chunk;
  }
  socket.destroy();
  return answer.split("\r\n").slice(0, lines);
}
