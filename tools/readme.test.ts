// The commands of the README and of other pages, run in order against a fresh server, must print what the page shows.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

interface Step {
  readonly command: string;
  readonly shown: string;
}

function steps(page: string): Step[] {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^```console\n(.*?)^```/gms)].map((match) => match[1] ?? "");
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

/** Ids, times and tokens differ from run to run. */
const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    // The whole hour less the seconds that a busy machine took.
    .replace(/"retryAfter":3[56]\d\d/g, '"retryAfter":HOUR')
    .replace(/eyJ[\w.-]+/g, "eyJ…")
    .replace(/fr_[\w-]+/g, "fr_…")
    .replace(/^Took .*$/m, "Took")
    .trim();

it.each([
  { page: "README.md", atLeast: 8 },
  { page: "docs/accounts.md", atLeast: 6 },
])(
  "the commands of $page print what it shows",
  async ({ page, atLeast }) => {
    const data = mkdtempSync(join(tmpdir(), "flux-readme-"));
    const bin = dirname(process.execPath);
    const env = {
      PATH: `${bin}:${process.env["PATH"]}`,
      DATA_DIR: data,
      HOST: "127.0.0.1",
      PORT: "0",
      NODE_NO_WARNINGS: "1",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
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
      const [alias, ...run] = steps(page);
      expect(run.length).toBeGreaterThanOrEqual(atLeast);
      for (const { command, shown } of run) {
        const local = command
          .replaceAll("npx flux", `${process.execPath} ${join(root, "apps/cli/bin/flux.mjs")}`)
          .replaceAll("localhost:3001", `127.0.0.1:${port}`)
          .replaceAll("examples/", `${join(root, "examples")}/`);
        const script = `shopt -s expand_aliases\n${alias?.command}\n${local}\n`;
        const printed = async () => {
          const { stdout } = await promisify(execFile)("bash", ["-c", script], {
            cwd: data,
            env: { ...env, FLUX_URL: `http://127.0.0.1:${port}` },
          });
          return masked(stdout);
        };
        // Refusals are summed up every ten seconds: until then the page shows one line more.
        if (command.includes("flux events"))
          await expect.poll(printed, { timeout: 60_000, interval: 1000 }).toBe(masked(shown));
        else expect(await printed(), command).toBe(masked(shown));
      }
    } finally {
      server.kill("SIGTERM");
      rmSync(data, { recursive: true, force: true });
    }
  },
  300_000,
);
