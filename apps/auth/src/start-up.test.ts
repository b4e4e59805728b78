// What is seldom used is not loaded by the start: each of these libraries costs every server memory and time.

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const services = new URL("./services.ts", import.meta.url).href;
const config = new URL("./config.ts", import.meta.url).href;

/** The packages that a server with nothing configured has loaded when it is ready. */
function packagesOfStart(): Set<string> {
  const script = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    const { createServices } = await import(${JSON.stringify(services)});
    const { readConfig } = await import(${JSON.stringify(config)});
    const { createLogger } = await import("@fluxstudio/telemetry");
    await createServices({
      config: readConfig({ DATABASE_URL: ":memory:" }),
      secret: "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC",
      logger: createLogger({ level: "silent" }),
    });
    process.stdout.write(JSON.stringify(urls), () => process.exit());
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    maxBuffer: 32 * 2 ** 20,
  });
  const urls: string[] = JSON.parse(output);
  return new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
}

it("a start on SQLite loads nothing for PostgreSQL, Redis, mails, passkeys, old hashes, lists of passwords, live views and reports", () => {
  const seldom = [
    "pg",
    "@redis/client",
    "nodemailer",
    "@better-auth/passkey",
    "@simplewebauthn/server",
    "@node-rs/bcrypt",
    "@zxcvbn-ts/language-common",
    "ws",
    "@sentry/core",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/exporter-metrics-otlp-http",
  ];
  // A name that stands for no package would be absent for ever.
  for (const name of seldom) expect(() => import.meta.resolve(name)).not.toThrow();
  const loaded = packagesOfStart();
  expect(loaded).toContain("better-auth");
  expect(loaded).toContain("@node-rs/argon2");
  expect(seldom.filter((name) => loaded.has(name))).toEqual([]);
}, 30_000);
