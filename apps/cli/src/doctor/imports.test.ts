// What is planted wrong in a small tree is found, what is right is not, and this repository is right.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { imports } from "./imports.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flux-imports-"));
  write("package.json", { workspaces: ["apps/*"] });
  write("node_modules/here/package.json", {});
  write("node_modules/@scope/here/package.json", {});
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, content: object | string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
}

const found = () => imports(root).map(({ ok, message }) => `${ok ? "ok" : "FAIL"} ${message}`);

it("finds what is not declared, and what is declared and not installed, in every file that an entry leads to", () => {
  write("apps/one/package.json", { name: "one", dependencies: { here: "1", gone: "1" } });
  write(
    "apps/one/src/main.ts",
    'import { readFileSync } from "node:fs";\nimport {\n  part,\n} from "./part.ts";\n',
  );
  write(
    "apps/one/src/part.ts",
    'export { x } from "@scope/here/sub";\nconst later = () => import("gone");\nimport "here";\n',
  );
  expect(found()).toEqual([
    "FAIL apps/one/src/part.ts imports @scope/here, which apps/one/package.json does not declare: npm install @scope/here -w apps/one",
    "FAIL apps/one/src/part.ts imports gone, which is not installed: npm ci",
  ]);
});

it("passes over types, tests, the workspace's own name and optional peers that are not there", () => {
  write("apps/one/package.json", {
    name: "one",
    exports: { "./adapter": "./src/adapter.ts" },
    peerDependencies: { framework: "1" },
    peerDependenciesMeta: { framework: { optional: true } },
  });
  write(
    "apps/one/src/adapter.ts",
    'import { x } from "framework/sub";\nimport type { Y } from "types-only";\nimport { z } from "one";\n',
  );
  write("apps/one/src/adapter.test.ts", 'import { it } from "tester";\n');
  expect(found()).toEqual(["ok 1 files import only what is declared and installed"]);
});

it("says when it saw nothing", () => {
  expect(found()).toEqual([`FAIL no source file in ${root}: npm ci`]);
});

it("finds nothing wrong here", () => {
  const [finding, ...more] = imports(fileURLToPath(new URL("../../../../", import.meta.url)));
  expect([finding?.ok, more]).toEqual([true, []]);
  expect(Number.parseInt(finding?.message ?? "", 10)).toBeGreaterThan(100);
});
