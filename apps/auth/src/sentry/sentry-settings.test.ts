// What is taken for the settings of Sentry, and that a mistake in a DSN does not tell its key.

import { expect, it } from "vitest";
import { ConfigError, readConfig } from "../config.ts";

const sentry = (env: Readonly<Record<string, string>>) => readConfig(env).sentry;

it("a DSN, a share, an environment and a release are taken over", () => {
  const dsn = "https://c0ffee@o1.ingest.sentry.io/42";
  const names = { SENTRY_ENVIRONMENT: "staging", SENTRY_RELEASE: "flux 7" };
  expect(sentry({ SENTRY_DSN: dsn, SENTRY_TRACES_SAMPLE_RATE: "0.25", ...names })).toEqual({
    ...{ dsn, tracesSampleRate: 0.25, environment: "staging", release: "flux 7" },
  });
  expect(
    ["0", "1", ".5", "1.0"].map((rate) => sentry({ SENTRY_TRACES_SAMPLE_RATE: rate }).tracesSampleRate),
  ).toEqual([...[0, 1, 0.5, 1]]);
});

it("the environment is that of NODE_ENV by default", () => {
  expect(sentry({ NODE_ENV: "test" }).environment).toBe("test");
});

it.each([
  ["SENTRY_DSN", "https://hunter2@sentry.example/flux"],
  ["SENTRY_DSN", "hunter2@sentry.example/42"],
  ["SENTRY_TRACES_SAMPLE_RATE", "10%"],
  ["SENTRY_TRACES_SAMPLE_RATE", "1.1"],
  ["SENTRY_TRACES_SAMPLE_RATE", "-1"],
  ["SENTRY_ENVIRONMENT", "a b"],
  ["SENTRY_RELEASE", "a/b"],
])("a wrong %s is told by its name, and %s is not repeated", (name, value) => {
  const read = () => sentry({ [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(new RegExp(`^(?!.*hunter2)[^]*${name}: write `));
});
