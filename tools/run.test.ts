// The wrapper of every npm script: installs when it must and only then, and passes everything through.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root = "";

// A repository with one dependency, and an npm that installs it without a network and keeps a record.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flux-run-"));
  mkdirSync(join(root, "tools"));
  for (const file of ["run.mjs", "install.mjs", "lock.mjs", "build-pages.mjs", "warm.mjs"])
    cpSync(join(import.meta.dirname, file), join(root, "tools", file));
  write("package-lock.json", lockFile("1.0.0"));
  write("script.ts", "const seen: string[] = process.argv.slice(2); console.log(JSON.stringify(seen));");
  writeNpm("cp package-lock.json node_modules/.package-lock.json");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("installing", () => {
  it("happens on the first run, and the program runs after it", () => {
    const { status, stdout, stderr } = run("script.ts", "a", "b c");
    expect({ status, stdout }).toEqual({ status: 0, stdout: '["a","b c"]\n' });
    expect(stderr).toMatch(/^Installing dependencies/);
    expect(npmRuns()).toBe(1);
  });

  it("does not happen again while the lock file stays the same", () => {
    run("script.ts");
    expect(run("script.ts").stderr).toBe("");
    expect(npmRuns()).toBe(1);
  });

  it("happens again when the lock file changed", () => {
    run("script.ts");
    write("package-lock.json", lockFile("1.0.1"));
    run("script.ts");
    expect(npmRuns()).toBe(2);
  });

  it("does not repeat what a developer's own npm install did", () => {
    run("script.ts");
    write("package-lock.json", lockFile("1.0.1"));
    write("node_modules/.package-lock.json", lockFile("1.0.1"));
    expect(run("script.ts").status).toBe(0);
    expect(npmRuns()).toBe(1);
  });

  it("is repeated after a run that was interrupted", async () => {
    writeNpm("echo started; exec sleep 30");
    const first = spawn(process.execPath, [join(root, "tools/run.mjs"), "script.ts"], { env: environment() });
    await once(first.stderr, "data");
    while (npmRuns() === 0) await once(first.stderr, "data");
    first.kill("SIGTERM");
    expect((await once(first, "exit"))[0]).toBe(1);
    writeNpm("cp package-lock.json node_modules/.package-lock.json");
    expect(run("script.ts").status).toBe(0);
    expect(npmRuns()).toBe(2);
  });

  it("happens once when two commands start together", async () => {
    writeNpm("sleep 0.3; cp package-lock.json node_modules/.package-lock.json");
    const args = [join(root, "tools/run.mjs"), "script.ts"];
    const both = [1, 2].map(() => spawn(process.execPath, args, { env: environment(), stdio: "ignore" }));
    const codes = await Promise.all(both.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0]);
    expect(npmRuns()).toBe(1);
  });

  it("that fails says so in words, and starts nothing", () => {
    writeNpm("echo 'npm error network' >&2; exit 7");
    const { status, stdout, stderr } = run("script.ts");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/npm error network\nnpm ci failed with exit code 7; what it said is above\./);
    expect(stderr).not.toMatch(/at .*install\.mjs/);
  });

  it("cannot happen without a lock file, which is said", () => {
    rmSync(join(root, "package-lock.json"));
    expect(run("script.ts").stderr).toBe(
      "package-lock.json is missing; restore it with: git checkout package-lock.json\n",
    );
  });
});

describe("running", () => {
  it("passes the exit code on", () => {
    write("script.ts", "process.exit(42);");
    expect(run("script.ts").status).toBe(42);
  });

  it("passes SIGTERM on and waits for the program to end as it likes", async () => {
    write(
      "script.ts",
      'process.on("SIGTERM", () => process.exit(9)); console.log("ready"); setInterval(() => {}, 1e6);',
    );
    run("--bin", "true");
    const child = spawn(process.execPath, [join(root, "tools/run.mjs"), "script.ts"], { env: environment() });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([9, null]);
  });

  it("ends by the same signal as the program", async () => {
    write("script.ts", 'process.kill(process.pid, "SIGKILL");');
    expect(run("script.ts")).toMatchObject({ status: null, signal: "SIGKILL" });
  });

  it("finds programs of node_modules/.bin", () => {
    expect(run("--bin", "hello", "x").stdout).toBe("hello x\n");
  });

  it("refuses a value of FLUX_NODE that it does not know", () => {
    const result = run({ FLUX_NODE: "26" }, "script.ts");
    expect([result.status, result.stderr]).toEqual([
      1,
      expect.stringContaining('FLUX_NODE may only be "current"'),
    ]);
  });

  it("uses the runtime of npm with FLUX_NODE=current", () => {
    write("script.ts", "console.log(process.execPath);");
    const copy = join(root, "other-node");
    symlinkSync(process.execPath, copy);
    run("script.ts");
    rmSync(join(root, "node_modules/.bin/node"));
    write("node_modules/.bin/node", "#!/bin/sh\nexit 99\n");
    chmodSync(join(root, "node_modules/.bin/node"), 0o755);
    expect(run("script.ts").status).toBe(99);
    expect(run({ FLUX_NODE: "current", npm_node_execpath: copy }, "script.ts").status).toBe(0);
  });

  it("says how it is called when it is called without a program", () => {
    expect(run().stderr).toMatch(/^usage: /);
  });
});

describe("--warm", () => {
  const cache = { NODE_COMPILE_CACHE: "node_modules/.cache/compile" };
  const start = () => run(cache, "--warm", "apps/one/src/main.ts").stdout;
  const imports = () => readFileSync(join(root, "imports"), "utf8").trim().split("\n");

  it("imports the program beforehand, once for each state of the sources", () => {
    write("apps/one/src/part.ts", "export const part: string = 'first';");
    write(
      "apps/one/src/main.ts",
      `import { appendFileSync } from "node:fs";
       import { part } from "./part.ts";
       appendFileSync(${JSON.stringify(join(root, "imports"))}, import.meta.main + "\\n");
       if (import.meta.main) console.log(part);`,
    );
    expect([start(), start()]).toEqual(["first\n", "first\n"]);
    expect(imports()).toEqual(["false", "true", "true"]);
    write("apps/one/src/part.ts", "export const part: string = 'second';");
    expect(start()).toBe("second\n");
    expect(imports()).toEqual(["false", "true", "true", "false", "true"]);
  });

  it("leaves it to the program to say what is wrong with it", () => {
    write("apps/one/src/main.ts", "throw new Error('broken');");
    const { status, stderr } = run(cache, "--warm", "apps/one/src/main.ts");
    expect([status, stderr.match(/Error: broken/g)?.length]).toEqual([1, 1]);
  });
});

type Result = ReturnType<typeof spawnSync> & { stdout: string; stderr: string };

function run(...args: (string | Record<string, string>)[]): Result {
  const extra = args.filter((arg) => typeof arg === "object");
  const words = args.filter((arg) => typeof arg === "string");
  const env = Object.assign(environment(), ...extra);
  return spawnSync(process.execPath, [join(root, "tools/run.mjs"), ...words], {
    cwd: root,
    env,
    encoding: "utf8",
  });
}

function environment(): Record<string, string | undefined> {
  const { npm_node_execpath: _, FLUX_NODE: __, ...rest } = process.env;
  return { ...rest, PATH: `${join(root, "bin")}:${process.env.PATH}` };
}

function writeNpm(install: string): void {
  write(
    "bin/npm",
    [
      "#!/bin/sh",
      'echo "$@" >> npm-runs',
      "mkdir -p node_modules/.bin",
      `ln -sf ${process.execPath} node_modules/.bin/node`,
      `echo 'console.log("hello", process.argv[2]);' > node_modules/.bin/hello`,
      install,
      "",
    ].join("\n"),
  );
  chmodSync(join(root, "bin/npm"), 0o755);
}

function npmRuns(): number {
  const record = join(root, "npm-runs");
  return existsSync(record) ? readFileSync(record, "utf8").trim().split("\n").length : 0;
}

function lockFile(version: string): string {
  return JSON.stringify({
    packages: { "": { name: "x" }, "node_modules/node": { version, integrity: "sha512-x" } },
  });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
