import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

const directory = mkdtempSync(join(tmpdir(), "flux-options-"));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

describe("options of replay", () => {
  it("are all optional", () => {
    expect(readOptions({})).toMatchObject({ format: undefined, settings: undefined, isTimeLimited: false });
  });

  it.each([
    ["2026-03-02", Date.UTC(2026, 2, 2)],
    ["2026-03-02T10:20", Date.UTC(2026, 2, 2, 10, 20)],
    ["2026-03-02T10:20+02:00", Date.UTC(2026, 2, 2, 8, 20)],
    ["2026-03-02T10:20:30.5Z", Date.UTC(2026, 2, 2, 10, 20, 30, 500)],
  ])("take the time %s", (from, fromMs) => {
    expect(readOptions({ from })).toMatchObject({ fromMs, isTimeLimited: true });
  });

  it("take lists and an expression", () => {
    const { signIn } = readOptions({
      "sign-in-path": "enter, go",
      "sign-in-method": "POST,PUT",
      "fail-status": "200,401",
    });
    expect(signIn).toEqual({ paths: ["enter", "go"], methods: ["POST", "PUT"], failStatuses: [200, 401] });
    expect(readOptions({ "sign-in-path": "/^.v1.token$/i" }).signIn?.paths).toEqual(/^.v1.token$/i);
    expect(readOptions({ "sign-in-path": "/oauth/token" }).signIn?.paths).toEqual(["/oauth/token"]);
  });

  it("take rules from a file", () => {
    const rules = file("rules.json", '{"brute-force":{"threshold":9}}');
    expect(readOptions({ rules }).settings).toEqual({ "brute-force": { threshold: 9 } });
  });

  it.each([
    [{ format: "iis" }, "USAGE", "iis"],
    [{ from: "yesterday" }, "USAGE", "--from"],
    [{ to: "2026-02-30" }, "USAGE", "--to"],
    [{ from: "2026-03-02", to: "2026-03-02" }, "USAGE", "before"],
    [{ year: "26" }, "USAGE", "--year"],
    [{ "fail-status": "401,4xx" }, "USAGE", "4xx"],
    [{ "sign-in-path": "a,,b" }, "USAGE", "--sign-in-path"],
    [{ "sign-in-path": "/(/" }, "USAGE", "--sign-in-path"],
    [{ rules: join(directory, "absent.json") }, "UNREADABLE", "absent.json"],
    [{ rules: file("bad.json", "{") }, "INVALID_RULES", "bad.json"],
  ])("%j is refused as %s", (args, code, words) => {
    expect(() => readOptions(args)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    );
  });
});
