import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../bin/flux.mjs", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "flux-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param onOutput what to do when the program has written its first output */
async function flux(
  args: readonly string[],
  input: string | Buffer | null = "",
  onOutput?: (stop: Stop) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdin.on("error", () => {});
  child.stdout.once("data", () =>
    onOutput?.({ interrupt: () => child.kill("SIGINT"), leave: () => child.stdout.destroy() }),
  );
  child.stdout.on("data", (piece) => (out += piece));
  child.stderr.on("data", (piece) => (err += piece));
  if (input !== null) child.stdin.end(input);
  else child.stdin.write(log);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}
interface Stop {
  interrupt(): void;
  leave(): void;
}

const line = (second: number, ip = "198.51.100.4") =>
  `${ip} - - [02/Mar/2026:10:00:${String(second).padStart(2, "0")} +0000] "POST /login HTTP/1.1" 401 5 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"\n`;
const log = [0, 1, 2, 3, 4, 5].map((second) => line(second)).join("");

const detection = {
  kind: "detection",
  rule: "brute-force",
  at: "2026-03-02T10:00:04.000Z",
  scope: "ip",
  value: "198.51.100.4",
  severity: "high",
  response: "block",
  until: "2026-03-02T11:00:04.000Z",
  evidence: { count: 5, threshold: 5, windowMs: 300_000 },
};
const summary = {
  kind: "summary",
  lines: 6,
  parsed: 6,
  unparsed: 0,
  signals: 11,
  detections: { "brute-force": 1 },
  blocked: { ip: 1 },
  elapsedMs: expect.any(Number),
};
const objects = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one));

describe("flux replay", () => {
  it.each([
    ["a file", [file("plain.log", log)], ""],
    ["a gzip file with any name", [file("packed.log", gzipSync(log))], ""],
    ["standard input", [], log],
    ["gzip on standard input", ["-"], gzipSync(log)],
  ])("writes a line for each detection and a summary, from %s", async (_name, args, input) => {
    const { code, out, err } = await flux(["replay", "--json", "--format", "nginx", ...args], input);
    expect([code, err]).toEqual([0, ""]);
    expect(objects(out)).toEqual([detection, summary]);
    expect(Object.keys(objects(out)[0])).toEqual(Object.keys(detection));
    expect(Object.keys(objects(out)[1])).toEqual(Object.keys(summary));
  });

  it("tells the format from the log", async () => {
    expect(objects((await flux(["replay", "--json"], log)).out)).toEqual([detection, summary]);
    const unknown = await flux(["replay", "--json"], "what\n");
    expect(unknown).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--format") });
  });

  it("says the same to people, with bad lines made harmless", async () => {
    const { code, out, err } = await flux(["replay", "--format", "nginx"], `\x1b]0;x\x07\n${log}`);
    expect(code).toBe(0);
    expect(err).toBe("flux replay: line 1 is not nginx: \\u{1b}]0;x\\u{7}\n");
    expect(out).toContain("2026-03-02T10:00:04Z  brute-force");
    expect(out).toContain("block until 2026-03-02T11:00:04Z");
    expect(out).toContain("7: 6 read, 1 not readable");
    expect(out).toContain("1 of them would have been refused");
  });

  it("shows the first bad lines and counts all", async () => {
    const { out, err } = await flux(
      ["replay", "--json", "--format", "nginx"],
      `${"bad\n".repeat(9)}${line(0)}`,
    );
    expect(err.match(/is not nginx: bad/g)).toHaveLength(5);
    expect(err).toContain("4 more lines");
    expect(objects(out)).toMatchObject([{ lines: 10, unparsed: 9 }]);
  });

  it("fails when it could read nothing, and not when there was nothing", async () => {
    const { code, out, err } = await flux(["replay", "--json", "--format", "nginx"], "bad\n\nworse\n");
    expect(code).toBe(1);
    expect(objects(out)).toMatchObject([{ kind: "summary", lines: 3, unparsed: 2 }]);
    expect(err).toContain("nothing in this log is nginx. Say what it is with --format");
    expect(await flux(["replay", "--json", "--format", "nginx"], "")).toMatchObject({ code: 0, err: "" });
  });

  it("says how many lines were left out for their time", async () => {
    const args = [
      "replay",
      "--format",
      "nginx",
      "--from",
      "2026-03-02T10:00:02",
      "--to",
      "2026-03-02T10:00:05",
    ];
    expect(objects((await flux([...args, "--json"], log)).out)).toMatchObject([{ lines: 6, outside: 3 }]);
    expect((await flux(args, log)).out).toContain("0 not readable, 3 outside --from/--to");
  });

  it("takes changed rules, and shows what is wrong with them", async () => {
    const good = file("good.json", '{"brute-force":{"threshold":6,"mode":"monitor"}}');
    const monitored = await flux(["replay", "--json", "--rules", good, "--format", "nginx"], log);
    expect(objects(monitored.out)[0]).toMatchObject({
      response: "record",
      until: null,
      evidence: { count: 6, threshold: 6 },
    });
    const bad = await flux(["replay", "--rules", file("bad.json", '{"brute":{}}')], log);
    expect(bad).toMatchObject({
      code: 2,
      err: expect.stringContaining("INVALID_RULES: brute: no such rule"),
    });
  });

  it("says that it does not know the year, and wants it where it matters", async () => {
    const auth = "Mar  2 10:00:00 host sshd[7]: Invalid user x from 198.51.100.4\n";
    const args = ["replay", "--json", "--format", "sshd"];
    expect(await flux(args, auth)).toMatchObject({ code: 0, err: expect.stringContaining("--year") });
    expect(await flux([...args, "--year", "2026"], auth)).toMatchObject({ code: 0, err: "" });
    expect(await flux([...args, "--from", "2026-01-01"], auth)).toMatchObject({ code: 2, out: "" });
  });

  it("shows what it has when the file is damaged, and fails", async () => {
    const packed = gzipSync(log.repeat(2000));
    const damaged = file("damaged.gz", packed.subarray(0, packed.length - 9));
    const { code, out, err } = await flux(["replay", "--json", "--format", "nginx", damaged]);
    expect(code).toBe(1);
    expect(err).toContain("damaged");
    expect(objects(out).at(-1)).toMatchObject({ kind: "summary" });
  });

  it("shows what it has when it is interrupted", async () => {
    const { code, out } = await flux(["replay", "--json", "--format", "nginx"], null, (stop) =>
      stop.interrupt(),
    );
    expect(code).toBe(130);
    expect(objects(out)).toEqual([detection, summary]);
  });

  it("ends quietly when its reader leaves", async () => {
    const many = Array.from({ length: 60_000 }, (_, i) =>
      line(i % 5, `10.${i >> 12}.${(i >> 4) & 255}.${i & 15}`),
    ).join("");
    const { err } = await flux(
      ["replay", "--json", "--rules", file("one.json", '{"brute-force":{"threshold":1}}')],
      many,
      (stop) => stop.leave(),
    );
    expect(err).toBe("");
  });
});

describe("flux classify", () => {
  it("says one class for each line", async () => {
    const { code, out } = await flux(["classify"], "curl/8.1\r\n\nsqlmap/1.8\nGooglebot/2.1\nb\xff\n");
    expect(code).toBe(0);
    expect(objects(out).map((one) => one.class)).toEqual([
      "tool",
      "empty",
      "scanner",
      "bot",
      expect.any(String),
    ]);
    expect(objects(out)[0]).toEqual({ ua: "curl/8.1", class: "tool" });
  });

  it("says one class for a line that never seems to end", async () => {
    expect(objects((await flux(["classify"], "x".repeat(3_000_000))).out)).toHaveLength(1);
  });
});

describe("flux", () => {
  it.each([
    [[], "Say which command"],
    [["repaly"], 'no command "flux repaly"'],
    [["replay", "--fromat", "nginx"], "Unknown option '--fromat'"],
    [["replay", "a.log", "b.log"], "One argument too many: b.log"],
    [["replay", "--format"], "--format"],
    [["replay", "--format", "iis"], "iis"],
  ])("%j is wrong usage", async (args, words) => {
    expect(await flux(args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(words) });
  });

  it("fails when a file is not there or is a directory", async () => {
    for (const path of [join(directory, "absent.log"), directory]) {
      expect(await flux(["replay", path])).toMatchObject({
        code: 1,
        out: "",
        err: expect.stringContaining(path),
      });
    }
  });

  it.each([[["--help"]], [["replay", "--help"]], [["classify", "-h"]]])("%j explains", async (args) => {
    expect(await flux(args)).toMatchObject({ code: 0, err: "", out: expect.stringContaining("USAGE") });
  });
});

/** A runtime too old for TypeScript, if this machine has one. */
const older = (process.env.PATH ?? "")
  .split(delimiter)
  .map((place) => join(place, "node"))
  .find((node) => /^v2[0-2]\./.test(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? ""));
if (!older)
  console.info("Skipped: flux under an older Node, because this machine has none from 20 to 22 on its PATH.");

describe.skipIf(!older)("flux under an older Node", () => {
  it("starts the pinned one, with its input, output and exit code", () => {
    const run = (...args: string[]) =>
      spawnSync(older as string, [program, ...args], { input: log, encoding: "utf8" });
    expect(objects(run("replay", "--json").stdout)).toEqual([detection, summary]);
    expect(run("repaly")).toMatchObject({ status: 2, stdout: "" });
  });
});
