// The import table finds what it forbids, wherever it is planted, and lets everything else through.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importBans } from "./import-table/bans.ts";
import { scan } from "./import-table/scan.ts";
import { readSource } from "./import-table/source-file.ts";

const repository = join(import.meta.dirname, "..");
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flux-import-table-"));
  for (const [path, name, exports] of workspaces) {
    plant(`${path}/package.json`, JSON.stringify({ name: `@fluxstudio/${name}`, exports }));
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const workspaces = [
  ["packages/guard", "guard", { ".": "./src/index.ts", "./hono": "./src/adapters/hono.ts" }],
  ["packages/telemetry", "telemetry", { ".": "./src/index.ts" }],
  [
    "packages/admin-api",
    "admin-api",
    { ".": "./src/index.ts", "./operator-token": "./src/operator-token.ts" },
  ],
  ["apps/auth", "auth", {}],
] as const;

describe("a planted violation", () => {
  it.each([
    ["packages/guard/src/signal.ts", 'import "@fluxstudio/telemetry";', "their own logs"],
    ["packages/guard/src/signal.ts", 'import { x } from "../../../apps/auth/src/app.ts";', "knows an app"],
    ["packages/guard/src/signal.ts", 'import { Hono } from "hono";', "Only an adapter"],
    ["packages/guard/src/signal.ts", 'import type { Context } from "hono/tiny";', "Only an adapter"],
    [
      "packages/guard/src/engine.ts",
      'import { x } from "./stores/memory-window-store.ts";',
      "interfaces only",
    ],
    ["packages/guard/src/engine.ts", 'import type { X } from "./rules/brute-force.ts";', "interfaces only"],
    ["packages/guard/src/policy.ts", 'export { x } from "./sinks/memory.ts";', "interfaces only"],
    ["packages/guard/src/event.ts", 'import { x } from "@fluxstudio/guard/hono";', "interfaces only"],
    [
      "packages/guard/src/rules/a.ts",
      'import { x } from "../stores/memory-window-store.ts";',
      "pure functions",
    ],
    ["packages/telemetry/src/log.ts", 'import { x } from "@fluxstudio/admin-api";', "not every service"],
    [
      "packages/admin-api/src/client.ts",
      'const x = await import("hono/client");',
      "neither a server nor React",
    ],
    ["packages/admin-api/src/client.ts", 'import { readFile } from "node:fs/promises";', "read by a browser"],
    ["packages/admin-api/src/client.ts", 'import { x } from "./operator-token.ts";', "read by a browser"],
    [
      "apps/dashboard/src/page.tsx",
      'import { x } from "@fluxstudio/admin-api/operator-token";',
      "runs in a browser",
    ],
    ["packages/admin-api/src/client.ts", 'import { x } from "@fluxstudio/guard";', "must not carry its code"],
    ["packages/admin-api/src/client.ts", 'import "@fluxstudio/guard";', "must not carry its code"],
    ["apps/messaging/src/app.ts", 'import { x } from "@fluxstudio/auth";', "scaled and broken alone"],
    ["apps/auth/src/app.ts", 'import { x } from "../../cli/src/main.ts";', "scaled and broken alone"],
    ["apps/dashboard/src/page.tsx", 'import { x } from "@fluxstudio/guard";', "runs in a browser"],
    ["apps/dashboard/src/page.tsx", "const x = await import(`kysely`);", "runs in a browser"],
    ["apps/cli/src/main.ts", 'import pino = require("pino");', "speaks to a server"],
    ["apps/cli/src/main.ts", 'const pg = require("pg");', "speaks to a server"],
    ["apps/cli/src/main.ts", 'import { x } from "@fluxstudio/guard/hono";', "serves nothing"],
    ["apps/cli/bin/flux.mjs", 'export * from "../../../tools/run.mjs";', "only this repository has"],
  ])("in %s is found: %s", (file, code, reason) => {
    plant(file, `// A first line.\n${code}\n`);
    expect(scan(root).violations).toEqual([
      { file, line: 2, what: expect.stringMatching(/^imports /), reason: expect.stringContaining(reason) },
    ]);
  });

  it.each([
    ["const port = process.env.PORT;"],
    ['const port = process["env"].PORT;'],
    ["const { env } = process;"],
    ['import { env } from "node:process";'],
    ["const port = process?.env?.PORT;"],
  ])("of the rule about the environment is found: %s", (code) => {
    plant("apps/auth/src/app.ts", code);
    expect(scan(root).violations).toEqual([
      expect.objectContaining({ file: "apps/auth/src/app.ts", line: 1, what: "reads process.env" }),
    ]);
  });

  it.each(["utils", "common", "shared", "core", "helpers"])("of the directory names is found: %s", (name) => {
    plant(`apps/auth/src/${name}/text.ts`, "export const x = 1;");
    expect(scan(root).violations).toEqual([expect.objectContaining({ file: `apps/auth/src/${name}` })]);
  });

  it("is printed with file, line and reason, and fails the command", () => {
    plant("packages/guard/src/engine.ts", 'import { x } from "./stores/memory-window-store.ts";');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, "import-table.ts"), root],
      {
        encoding: "utf8",
      },
    );
    expect(status).toBe(1);
    expect(stdout).toContain(
      "packages/guard/src/engine.ts:1 imports ./stores/memory-window-store.ts. The engine sees interfaces only",
    );
  });
});

describe("what the table allows", () => {
  it.each([
    ["packages/guard/src/adapters/hono.ts", 'import { Hono } from "hono";'],
    ["packages/guard/src/engine.ts", 'import type { WindowStore } from "./stores/window-store.ts";'],
    ["packages/guard/src/index.ts", 'export { x } from "./stores/memory-window-store.ts";'],
    ["packages/guard/src/engine.test.ts", 'import { x } from "./stores/memory-window-store.ts";'],
    ["packages/admin-api/src/client.ts", 'import type { Decision } from "@fluxstudio/guard";'],
    ["packages/admin-api/src/client.ts", 'import { type Decision } from "@fluxstudio/guard";'],
    ["apps/auth/src/app.ts", 'import { createGuard } from "@fluxstudio/guard";'],
    ["apps/auth/src/config.ts", "export const port = process.env.PORT;"],
    ["apps/auth/src/app.test.ts", "export const address = process.env.FLUX_TEST_REDIS_URL;"],
    ["packages/admin-api/src/operator-token.ts", 'import { createHmac } from "node:crypto";'],
    ["apps/cli/bin/flux.mjs", "export const env = process.env;"],
    ["tools/build.ts", "export const path = process.env.PATH;"],
    [
      "apps/cli/src/replay.ts",
      'import { replay } from "@fluxstudio/guard"; import { open } from "node:fs/promises";',
    ],
  ])("passes in %s: %s", (file, code) => {
    plant(file, code);
    expect(scan(root).violations).toEqual([]);
  });

  it("includes a comment or a string that looks like an import", () => {
    const code = '// import "pino"\nexport const text = `import("pino") process.env`;\n';
    expect(readSource("x.ts", code)).toEqual({ imports: [], environmentLines: [] });
  });
});

describe("a scan", () => {
  it("looks at every area that exists, and counts its files", () => {
    plant("apps/auth/src/app.ts", "");
    plant("apps/auth/node_modules/x/index.js", 'import "pino";');
    plant("tools/build.mjs", "");
    const { areas, fileCount } = scan(root);
    expect(Object.fromEntries(areas)).toEqual({
      "packages/admin-api": 0,
      "packages/guard": 0,
      "packages/telemetry": 0,
      "apps/auth": 1,
      tools: 1,
    });
    expect(fileCount).toBe(2);
  });

  it("of nothing fails the command", () => {
    const command = () =>
      execFileSync(process.execPath, [join(import.meta.dirname, "import-table.ts"), root]);
    expect(command).toThrow(/Command failed/);
  });

  it("of this repository sees the guard, the apps and the tools, and finds no violation", () => {
    const { areas, violations } = scan(repository);
    expect(violations).toEqual([]);
    for (const area of ["packages/guard", "apps/auth", "tools"]) expect(areas.get(area)).toBeGreaterThan(0);
  });
});

it("gives each ban a sentence as its reason", () => {
  for (const { reason } of importBans) expect(reason).toMatch(/^[A-Z][^.]{20,}\.$/);
});

function plant(file: string, text: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
