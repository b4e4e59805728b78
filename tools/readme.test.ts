// The README's commands, run in order against a fresh server, must print what it shows.

import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const log = join(root, "../shared/corpora/logs/sshd-openssh-2k.auth.log");

interface Step {
  readonly command: string;
  readonly shown: string;
}

function steps(): Step[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```console\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [command = "", ...shown] = text.split("\n");
        return { command, shown: shown.join("\n").trim() };
      }),
  );
}

/** Ids and times differ from run to run. */
const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    // Refusals are summed every ten seconds, which a busy machine reaches before the next command.
    .replace(/^TIME {2}127\.0\.0\.1 {2}\d+ refused .*\n/gm, "")
    // The whole hour less the seconds that a busy machine took.
    .replace(/"retryAfter":3[56]\d\d/g, '"retryAfter":HOUR')
    // Refusals are summed up every ten seconds, whenever that happens to be.
    .replace(/^TIME .* refused -> .*\n?/gm, "")
    .trim();

it("the commands of the README print what the README shows", async () => {
  const data = mkdtempSync(join(tmpdir(), "flux-readme-"));
  const bin = dirname(process.execPath);
  const env = {
    PATH: `${bin}:${process.env["PATH"]}`,
    DATA_DIR: data,
    HOST: "127.0.0.1",
    PORT: "0",
    NODE_NO_WARNINGS: "1",
  };
  const server = spawn(process.execPath, [join(root, "apps/auth/src/main.ts")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      server.once("exit", () => reject(new Error("The server did not start.")));
      server.stdout.on("data", (piece) => {
        const found = /"port":(\d+)/.exec(String(piece))?.[1];
        if (found) resolve(found);
      });
    });
    const [alias, ...rest] = steps();
    const run = rest.filter((step) => existsSync(log) || !step.command.includes("/var/log/auth.log"));
    if (run.length < rest.length)
      console.log("skip the replay of the README: there is no corpus beside this repository");
    expect(run.length).toBeGreaterThanOrEqual(7);
    for (const { command, shown } of run) {
      const local = command
        .replaceAll("npx flux", `${process.execPath} ${join(root, "apps/cli/bin/flux.mjs")}`)
        .replaceAll("localhost:3001", `127.0.0.1:${port}`)
        .replaceAll("/var/log/auth.log", log);
      const script = `shopt -s expand_aliases\n${alias?.command}\n${local}\n`;
      const { stdout } = await promisify(execFile)("bash", ["-c", script], {
        env: { ...env, FLUX_URL: `http://127.0.0.1:${port}` },
      });
      expect(masked(stdout), command).toBe(masked(shown));
    }
  } finally {
    server.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  }
}, 300_000);
