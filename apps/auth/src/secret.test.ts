// The secret is private, made once however many processes start, and never shared between two purposes.

import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { deriveKey, loadSecret } from "./secret.ts";

describe("the secret", () => {
  it("is FLUX_SECRET when that is set, and no file is made", () => {
    const dataDir = join(temporary(), "data");
    expect(loadSecret({ secret: "from the environment", dataDir })).toBe("from the environment");
    expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("is made once, 256 bits, in a file of mode 600 in a directory of mode 700", () => {
    const dataDir = join(temporary(), "deep", "data");
    const secret = loadSecret({ secret: undefined, dataDir });
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(loadSecret({ secret: undefined, dataDir })).toBe(secret);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, "secret")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(["secret"]);
  });

  it("is the same for processes that start at the same time", async () => {
    const dataDir = join(temporary(), "data");
    const script = `
      import { loadSecret } from ${JSON.stringify(new URL("./secret.ts", import.meta.url).href)};
      process.stdout.write(loadSecret({ secret: undefined, dataDir: ${JSON.stringify(dataDir)} }));`;
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        promisify(execFile)(process.execPath, ["--input-type=module-typescript", "--eval", script]),
      ),
    );
    const secrets = new Set(runs.map((run) => run.stdout));
    expect([...secrets]).toEqual([readFileSync(join(dataDir, "secret"), "utf8").trim()]);
  });

  it.each([
    ["secret", 0o640, /secret has mode 640, so others can read it\. Run: chmod 600 .*secret$/],
    [".", 0o777, /has mode 777, so others can write to it\. Run: chmod 700 /],
  ])("is refused when %s has mode %o", (name, mode, message) => {
    const dataDir = join(temporary(), "data");
    loadSecret({ secret: undefined, dataDir });
    chmodSync(join(dataDir, name), mode);
    expect(() => loadSecret({ secret: undefined, dataDir })).toThrow(message);
  });

  it("is refused when the file is empty", () => {
    const dataDir = join(temporary(), "data");
    mkdirSync(dataDir, { mode: 0o700 });
    writeFileSync(join(dataDir, "secret"), "\n", { mode: 0o600 });
    expect(() => loadSecret({ secret: undefined, dataDir })).toThrow(/holds no secret/);
  });
});

describe("a derived key", () => {
  it("has 32 bytes, is the same each time, and differs by purpose and secret", () => {
    const key = deriveKey("secret one", "account-hash");
    expect(key).toHaveLength(32);
    expect(deriveKey("secret one", "account-hash")).toEqual(key);
    expect(deriveKey("secret one", "better-auth")).not.toEqual(key);
    expect(deriveKey("secret two", "account-hash")).not.toEqual(key);
  });
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "flux-secret-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
