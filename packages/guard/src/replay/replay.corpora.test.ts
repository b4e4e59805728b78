import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RuleOverrides } from "../settings.ts";
import type { ReplayFormat } from "./formats.ts";
import { plainBytes } from "./plain-bytes.ts";
import { createReplay, type ReplaySummary } from "./replay.ts";
import type { ReplayDetection } from "./replay-tally.ts";

const corpora = fileURLToPath(new URL("../../../../../shared/corpora/", import.meta.url));
const present = existsSync(corpora);
if (!present) console.info(`Skipped: real logs are read from ${corpora}, and that is not there.`);

interface Replayed {
  readonly summary: ReplaySummary;
  readonly detections: readonly ReplayDetection[];
  /** Values that brute-force detected. */
  readonly guessing: readonly string[];
}

async function replay(path: string, format: ReplayFormat, settings: RuleOverrides = {}): Promise<Replayed> {
  const detections: ReplayDetection[] = [];
  const run = createReplay({ format, settings, onDetection: (detection) => detections.push(detection) });
  for await (const piece of plainBytes(createReadStream(path))) await run.write(piece);
  await run.end();
  const guessing = new Set(detections.filter(({ rule }) => rule === "brute-force").map(({ value }) => value));
  return { summary: run.summary(), detections, guessing: [...guessing].sort() };
}

/** Addresses alone, as other programs count them. */
const tenMinutes: RuleOverrides = {
  "brute-force": { windowMs: 600_000 },
  "account-guessing": { mode: "monitor" },
};

interface HubCase {
  readonly case: string;
  readonly log: string;
  readonly format: ReplayFormat;
  readonly lines: number;
  readonly expected: readonly { readonly scenario: string; readonly sources: readonly string[] }[];
}
const hub: HubCase[] = present ? JSON.parse(readFileSync(join(corpora, "hub/index.json"), "utf8")) : [];

/** Logs in which their alerts are about failed sign-ins, as many as our default threshold wants. */
const signInAttacks = ["caddy-basic-auth-bf", "nginx-http-generic-bf", "opnsense-sshd", "sshd-invalid-bf"];

describe.skipIf(!present)("logs of CrowdSec's hub", () => {
  it.each(hub.map((one) => [one.case, one] as const))(
    "%s is read whole, and only its attackers stand out",
    async (name, one) => {
      const { summary, guessing, detections } = await replay(join(corpora, "hub", one.log), one.format);
      expect(summary).toMatchObject({ lines: one.lines, unparsed: 0 });
      const attackers = one.expected.flatMap(({ sources }) => sources);
      expect(guessing).toEqual(signInAttacks.includes(name) ? [...new Set(attackers)].sort() : []);
      if (one.expected.length === 0) expect(detections).toEqual([]);
    },
  );

  it("hold failed sign-ins 20 minutes apart that a longer window finds", async () => {
    const slow = { "brute-force": { threshold: 4, windowMs: 3_601_000 } };
    expect((await replay(join(corpora, "hub/ssh-time-based-bf.log"), "sshd", slow)).guessing).toEqual([
      "10.0.0.101",
    ]);
  });
});

describe.skipIf(!present)("large logs", () => {
  it("of sshd under attack give the 11 addresses that counting failed passwords by hand gives", async () => {
    const log = join(corpora, "logs/sshd-openssh-2k.auth.log");
    const { summary, guessing } = await replay(log, "sshd", tenMinutes);
    expect(summary).toMatchObject({ lines: 2000, unparsed: 0, blocked: { ip: 11 } });
    expect(guessing).toHaveLength(11);
  });

  it("of sshd that takes keys only give as many addresses as fail2ban bans", async () => {
    const { summary } = await replay(join(corpora, "logs/sshd-gtkcyber.auth.log"), "sshd", tenMinutes);
    // Its last line is cut off.
    expect(summary).toMatchObject({ lines: 10_567, unparsed: 1, blocked: { ip: 10 } });
  });

  it.each([
    ["apache-elastic.log", "apache"],
    ["nginx-hackers-access.log", "nginx"],
  ] as const)("of ordinary traffic (%s) block nobody", async (file, format) => {
    const { summary, guessing } = await replay(join(corpora, "logs", file), format);
    expect(summary).toMatchObject({ unparsed: 0, blocked: { ip: 0 } });
    expect(guessing).toEqual([]);
  });
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (present && !hasPython) console.info("Skipped: the log generator needs python3, and that is not there.");

describe.skipIf(!present || !hasPython)("a generated log", () => {
  interface Truth {
    readonly bruteforce: readonly {
      readonly ip: string;
      readonly class: string;
      readonly attempts: number;
    }[];
  }
  let directory: string;
  let log: string;
  let truth: Truth;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "flux-replay-"));
    log = join(directory, "access.log");
    const truthFile = join(directory, "truth.json");
    spawnSync("python3", [join(corpora, "generate-access-log.py"), log, truthFile, "50000", "7"]);
    truth = JSON.parse(readFileSync(truthFile, "utf8"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("gives every guesser that is fast enough for the window, and nobody else", async () => {
    const { summary, guessing } = await replay(log, "nginx");
    expect(summary).toMatchObject({ lines: 50_000, unparsed: 0 });
    // Those of the slowest class pause for 150 s: five of their failures never are within 5 minutes.
    const fast = truth.bruteforce.filter((one) => one.class !== "veryslow").map(({ ip }) => ip);
    expect(guessing).toEqual(fast.sort());
  });

  it("gives the slow ones too in a window that is long enough, and still nobody else", async () => {
    const { guessing } = await replay(log, "nginx", { "brute-force": { windowMs: 15 * 60_000 } });
    expect(guessing).toEqual(truth.bruteforce.map(({ ip }) => ip).sort());
  });

  it("gives the same twice", async () => {
    expect(await replay(log, "nginx")).toEqual(await replay(log, "nginx"));
  });
});
