// Configuration mistakes are told all at once, by variable, and without giving a secret away.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { ConfigError, configVariables, readConfig } from "./config.ts";

const goodSecret = "8Qm1vX0c2yq7WfJZr5tKp9LhNd3sGbEa";

describe("without any variable", () => {
  it("serves http://localhost:3001 from files under ./data", () => {
    expect(readConfig({})).toEqual({
      production: false,
      port: 3001,
      host: "127.0.0.1",
      publicUrl: "http://localhost:3001",
      trustedOrigins: [],
      secret: undefined,
      dataDir: resolve("data"),
      databaseUrl: `sqlite:${resolve("data/flux.db")}`,
      databasePoolSize: 10,
      storeTimeoutMs: 50,
      smtp: undefined,
      mailFrom: { name: "Flux Studio", address: "no-reply@localhost" },
      accounts: {
        minPasswordLength: 8,
        breachedPasswordsUrl: undefined,
        emailVerification: "optional",
        providers: [],
      },
      alerts: {
        ...{ mail: undefined, webhook: undefined, slack: undefined, perHour: 20 },
        ...{ updateMs: 1_800_000, quietMs: 1_800_000, digestMs: 86_400_000 },
      },
      accessTokenAudience: "http://localhost:3001",
      refreshGraceMs: 20_000,
      feeds: { block: [], allow: [], refreshMs: 3_600_000 },
      retention: { eventsMs: 90 * 86_400_000, eventArchive: undefined, devicesMs: 365 * 86_400_000 },
      trustedProxies: [],
      forwardedHeader: "x-forwarded-for",
      geoDatabases: "bundled",
      rules: {},
      sentry: {
        dsn: undefined,
        environment: "development",
        release: `flux-auth@${packageJson.version}`,
        tracesSampleRate: 0.1,
      },
      logLevel: "info",
      monitoring: { metricsToken: undefined, linesPerSecond: 100, otlp: undefined },
      warnings: [],
    });
  });

  it("takes an empty value for none", () => {
    expect(readConfig({ PORT: "", FLUX_SECRET: " ", NODE_ENV: "" })).toEqual(readConfig({}));
  });
});

describe("in production", () => {
  it("names a missing FLUX_SECRET and PUBLIC_URL together", () => {
    const problems = problemsOf({ NODE_ENV: "production" });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^FLUX_SECRET is not set: write .*openssl rand/);
    expect(problems[1]).toMatch(/^PUBLIC_URL is not set: write .*https:/);
  });

  it.each(["prod", "Production", "staging"])("is not meant by NODE_ENV=%s, which is refused", (name) => {
    const problems = problemsOf({ NODE_ENV: name, LOG_LEVEL: "loud" });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toBe("NODE_ENV: write production, development or test.");
  });

  it("listens on all addresses, and warns about an origin without TLS and mails that reach nobody", () => {
    const smtp = { SMTP_URL: "smtp://mail.example.com" };
    const env = { NODE_ENV: "production", FLUX_SECRET: goodSecret, ...smtp };
    expect(readConfig({ ...env, PUBLIC_URL: "https://auth.example.com/" })).toMatchObject({
      production: true,
      host: undefined,
      publicUrl: "https://auth.example.com",
      warnings: [],
    });
    const warnings = readConfig({ ...env, PUBLIC_URL: "http://auth.example.com", SMTP_URL: "" }).warnings;
    expect(warnings).toEqual([expect.stringMatching(/^PUBLIC_URL /), expect.stringMatching(/^SMTP_URL /)]);
  });
});

describe("PostgreSQL or Redis, which several processes may share", () => {
  it("needs a FLUX_SECRET that all of them have, where SQLite has one beside it", () => {
    expect(problemsOf({ REDIS_URL: "redis://redis:6379" })).toEqual([
      expect.stringMatching(/^FLUX_SECRET is not set/),
    ]);
    const url = "postgresql://db/flux";
    expect(problemsOf({ DATABASE_URL: url })).toEqual([
      expect.stringMatching(/^FLUX_SECRET is not set.*openssl rand.*give all of them the same\.$/),
    ]);
    expect(
      problemsOf({ DATABASE_URL: url, NODE_ENV: "production", PUBLIC_URL: "https://a.example" }),
    ).toHaveLength(1);
    expect(readConfig({ DATABASE_URL: url, FLUX_SECRET: goodSecret }).secret).toBe(goodSecret);
    expect(readConfig({ DATABASE_URL: "sqlite:x.db" }).secret).toBeUndefined();
  });
});

describe("a wrong value", () => {
  it.each(configVariables)(
    "of %s is told in our words, not in those of the library that finds it",
    (name) => {
      let problems: readonly string[] = [];
      try {
        readConfig({ [name]: `\t${"wrong ".repeat(500)}` });
      } catch (error) {
        problems = (error as ConfigError).problems;
      }
      expect(problems.join()).not.toMatch(/expected|too (?:big|small)|invalid (?:input|option|string)/i);
    },
  );

  it.each([
    ["PORT", "80a"],
    ["PORT", "65536"],
    ["PUBLIC_URL", "https://auth.example.com/path"],
    ["PUBLIC_URL", "auth.example.com"],
    ["TRUSTED_ORIGINS", "https://a.example,*"],
    ["DATABASE_URL", "mysql://localhost/flux"],
    ["DATABASE_POOL_SIZE", "0"],
    ["DATABASE_POOL_SIZE", "101"],
    ["DATABASE_POOL_SIZE", "ten"],
    ["STORE_TIMEOUT_MS", "0"],
    ["STORE_TIMEOUT_MS", "100000"],
    ["REDIS_URL", "localhost:6379"],
    ["REDIS_URL", "redis://a,redis://b/1"],
    ["SMTP_URL", "https://mail.example.com"],
    ["SMTP_URL", "smtp://mail.example.com?tls=no"],
    ["MAIL_FROM", "Flux Studio"],
    ["MAIL_FROM", "a@example.com, b@example.com"],
    ["MIN_PASSWORD_LENGTH", "7"],
    ["BREACHED_PASSWORDS_URL", "http://ranges.example.com/"],
    ["EMAIL_VERIFICATION", "yes"],
    ["OIDC_PROVIDERS", "/nowhere/providers.json"],
    ["TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.0/33"],
    ["TRUSTED_PROXIES", "unix"],
    ["FORWARDED_HEADER", "x-real-ip"],
    ["LOG_LEVEL", "verbose"],
    ["METRICS_TOKEN", "short"],
    ["METRICS_TOKEN", "with spaces in it, which no header has"],
    ["METRICS_TOKEN", "a".repeat(40)],
    ["METRICS_TOKEN", "your-secret-0123456789abcdefghijkl"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://:secret@collector.example"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example/?key=secret"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "a=%E0%A4%A"],
    ["OTEL_METRIC_EXPORT_INTERVAL", "999"],
    ["FLUX_RULES", "/nowhere/rules.json"],
    ["FLUX_SECRET", "short"],
    ["FLUX_SECRET", "changeme-changeme-changeme-change"],
    ["FLUX_SECRET", "please-CHANGE_ME-0123456789abcdefgh"],
    ["FLUX_SECRET", "a".repeat(64)],
    ["FLUX_SECRET", "abcdefghijkl".repeat(3)],
  ])("of %s is told by the variable's name", (name, value) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${name}\\b`));
  });

  it("does not hide another", () => {
    const problems = problemsOf({ NODE_ENV: "production", PORT: "x", LOG_LEVEL: "x", FLUX_SECRET: "x" });
    expect(problems.map((problem) => problem.split(/\W/)[0])).toEqual([
      "PORT",
      "FLUX_SECRET",
      "LOG_LEVEL",
      "PUBLIC_URL",
    ]);
  });

  it("that may be a password is not repeated in the message", () => {
    const message = problemsOf({
      FLUX_SECRET: "hunter2",
      DATABASE_URL: "mysql://root:hunter2@db/x",
      REDIS_URL: "http://:hunter2@redis",
      SMTP_URL: "smtp://flux:hunter2@mail/path",
    }).join();
    expect(message).toMatch(/DATABASE_URL.*REDIS_URL.*SMTP_URL/);
    expect(message).not.toContain("hunter2");
  });
});

describe("a right value", () => {
  it("of each variable is taken over", () => {
    const config = readConfig({
      PORT: "8080",
      HOST: "::",
      TRUSTED_ORIGINS: "https://a.example, http://localhost:5173",
      FLUX_SECRET: goodSecret,
      DATA_DIR: "/var/lib/flux",
      DATABASE_URL: "postgres://flux:pw@db:5432/flux",
      DATABASE_POOL_SIZE: "100",
      STORE_TIMEOUT_MS: "20",
      SMTP_URL: "smtps://flux:p%40ss@mail.example.com",
      MAIL_FROM: "Flux <no-reply@example.com>",
      TRUSTED_PROXIES: "10.0.0.0/8,2001:db8::1",
      FORWARDED_HEADER: "forwarded",
      GEO_DATABASE: "none",
      LOG_LEVEL: "debug",
    });
    expect(config).toMatchObject({
      port: 8080,
      host: "::",
      publicUrl: "http://localhost:8080",
      trustedOrigins: ["https://a.example", "http://localhost:5173"],
      secret: goodSecret,
      dataDir: "/var/lib/flux",
      databaseUrl: "postgres://flux:pw@db:5432/flux",
      databasePoolSize: 100,
      storeTimeoutMs: 20,
      smtp: { host: "mail.example.com", port: 465, auth: { user: "flux", pass: "p@ss" } },
      mailFrom: { name: "Flux", address: "no-reply@example.com" },
      trustedProxies: ["10.0.0.0/8", "2001:db8::1"],
      forwardedHeader: "forwarded",
      geoDatabases: "none",
      logLevel: "debug",
    });
  });

  it("of EMAIL_VERIFICATION is required where mails reach somebody, unless told otherwise", () => {
    const verification = (env: NodeJS.ProcessEnv) => readConfig(env).accounts.emailVerification;
    const smtp = { SMTP_URL: "smtp://mail.example.com" };
    expect(verification(smtp)).toBe("required");
    expect(verification({ ...smtp, EMAIL_VERIFICATION: "optional" })).toBe("optional");
    expect(verification({ EMAIL_VERIFICATION: "required" })).toBe("required");
  });

  it("of BREACHED_PASSWORDS_URL is the public service in production only, and may be none there", () => {
    const url = (env: NodeJS.ProcessEnv) => readConfig(env).accounts.breachedPasswordsUrl;
    const production = {
      NODE_ENV: "production",
      FLUX_SECRET: goodSecret,
      PUBLIC_URL: "https://auth.example.com",
    };
    expect(url(production)).toBe("https://api.pwnedpasswords.com/range/");
    expect(url({ ...production, BREACHED_PASSWORDS_URL: "none" })).toBeUndefined();
    const own = "http://127.0.0.1:8080/range/";
    expect(url({ BREACHED_PASSWORDS_URL: own })).toBe(own);
  });

  it("of DATABASE_URL may be a path of its own or memory", () => {
    expect(readConfig({ DATABASE_URL: "sqlite:x/y.db" }).databaseUrl).toBe(`sqlite:${resolve("x/y.db")}`);
    expect(readConfig({ DATABASE_URL: ":memory:" }).databaseUrl).toBe(":memory:");
  });

  it("of GEO_DATABASE may be several files", () => {
    expect(readConfig({ GEO_DATABASE: "/a.mmdb, /b.mmdb" }).geoDatabases).toEqual(["/a.mmdb", "/b.mmdb"]);
  });
});

describe("FLUX_RULES", () => {
  it("is read and checked rule by rule", () => {
    const directory = mkdtempSync(join(tmpdir(), "flux-config-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "rules.json");
    writeFileSync(path, '{"brute-force":{"threshold":3}}');
    expect(readConfig({ FLUX_RULES: path }).rules).toEqual({ "brute-force": { threshold: 3 } });
    writeFileSync(path, '{"brute-force":{"threshold":0},"no-such-rule":{}}');
    expect(problemsOf({ FLUX_RULES: path }).join()).toMatch(
      /no-such-rule: no such rule\. There are: [^.]*; brute-force\.threshold: .* 10000\.$/,
    );
    writeFileSync(path, '{"brute-force":{"outage":"perhaps"}}');
    expect(problemsOf({ FLUX_RULES: path }).join()).toMatch(/ or refuse\.$/);
    rmSync(path);
    expect(problemsOf({ FLUX_RULES: path })).toEqual([
      `FLUX_RULES: ${path} cannot be used: there is no such file.`,
    ]);
  });
});

describe("OpenTelemetry", () => {
  it("is off until there is a collector", () => {
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x" };
    expect(readConfig(headers).monitoring.otlp).toBeUndefined();
    const OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318";
    expect(readConfig({ ...headers, OTEL_EXPORTER_OTLP_ENDPOINT }).monitoring.otlp).toEqual({
      endpoint: "http://127.0.0.1:4318",
      headers: { authorization: "Bearer x" },
      serviceName: "flux-auth",
      intervalMs: 60_000,
    });
  });
});

describe("OIDC_PROVIDERS", () => {
  it("is a file whose mistakes are told without its secrets", () => {
    const directory = mkdtempSync(join(tmpdir(), "flux-config-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "providers.json");
    const acme = { id: "acme", name: "Acme", issuer: "https://id.example.com", clientId: "flux" };
    const problems = (providers: unknown) => {
      writeFileSync(path, JSON.stringify(providers));
      return problemsOf({ OIDC_PROVIDERS: path }).join();
    };
    expect(
      problems([
        { ...acme, clientSecret: "hunter2" },
        { ...acme, id: "other" },
      ]),
    ).toBe("");
    expect(readConfig({ OIDC_PROVIDERS: path }).accounts.providers).toHaveLength(2);
    for (const wrong of [
      { issuer: "http://id.example.com" },
      { issuer: "https://id.example.com/?a=b" },
      { id: "../x" },
      { id: "credential" },
      { clientId: "" },
      { secret: "hunter2" },
    ]) {
      const told = problems([{ ...acme, clientSecret: "hunter2", ...wrong }]);
      expect(told).toMatch(/^OIDC_PROVIDERS: /);
      expect(told).not.toContain("hunter2");
    }
    expect(problems([acme, acme])).toContain("id twice");
    writeFileSync(path, '{"hunter2"');
    expect(problemsOf({ OIDC_PROVIDERS: path }).join()).toMatch(/it is no JSON/);
  });
});

describe("an unknown variable", () => {
  it("that starts with FLUX_ is warned about, unless it belongs to the command line or the tests", () => {
    const config = readConfig({
      FLUX_SECRETS: "x",
      FLUX_TOKEN: "x",
      FLUX_URL: "x",
      FLUX_TEST_POSTGRES_URL: "x",
    });
    expect(config.warnings).toEqual([expect.stringMatching(/^FLUX_SECRETS /)]);
  });

  it("that is nearly one of ours is a warning that names it; what others set is none", () => {
    const meant = {
      TRUSTED_PROXY: "TRUSTED_PROXIES",
      SENTRY_DNS: "SENTRY_DSN",
      REDISURL: "REDIS_URL",
      DATABASE_URI: "DATABASE_URL",
      SMTP_URLS: "SMTP_URL",
    };
    const others = [
      "HOME",
      "HOSTNAME",
      "PATH",
      "MAIL",
      "LOGNAME",
      "LANG",
      "SHELL",
      "USER",
      "PGPORT",
      "NODE_PATH",
    ];
    const { warnings } = readConfig(
      Object.fromEntries([...Object.keys(meant), ...others].map((name) => [name, "x"])),
    );
    expect(warnings).toEqual(
      Object.entries(meant).map(([name, other]) =>
        expect.stringMatching(`^${name} .*did you mean ${other}\\?$`),
      ),
    );
  });

  it("is a warning where it begins as ours do, unless Kubernetes sets it for a service", () => {
    const misspelt = {
      ALERT_WEBHOOK_URI: "https://ops.example.com",
      BLOCKLIST_SOURCE: "x",
      EVENT_LOG_FILES: "x",
    };
    const links = { FLUX_AUTH_SERVICE_HOST: "10.0.0.1", FLUX_AUTH_PORT: "tcp://10.0.0.1:3001" };
    const more = { FLUX_AUTH_PORT_3001_TCP_ADDR: "10.0.0.1", METRICS_SERVICE_PORT_HTTP: "80" };
    const { warnings } = readConfig({ ...misspelt, ...links, ...more });
    expect(warnings.map((warning) => warning.split(" ")[0])).toEqual(Object.keys(misspelt));
  });
});

describe("what another variable is nothing without", () => {
  it("such as SMTP_URL for alerts by mail, is a warning", () => {
    const alerts = { ALERT_MAIL_TO: "ops@example.com" };
    expect(readConfig(alerts).warnings).toEqual([expect.stringMatching(/^ALERT_MAIL_TO .*SMTP_URL is not/)]);
    expect(readConfig({ ...alerts, SMTP_URL: "smtp://mail.example.com" }).warnings).toEqual([]);
  });

  it("such as the address that a webhook's secret is for, is a warning", () => {
    const { warnings } = readConfig({ ALERT_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
    expect(warnings).toEqual([expect.stringMatching(/^ALERT_WEBHOOK_SECRET .*ALERT_WEBHOOK_URL is not set/)]);
  });
});

describe(".env.example", () => {
  const text = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");

  it("lists the variables that are read, and no others", () => {
    expect(Object.keys(parseEnv(text)).sort()).toEqual([...configVariables].sort());
  });

  it("says the defaults", () => {
    expect(readConfig(parseEnv(text) as NodeJS.ProcessEnv)).toEqual(readConfig({}));
  });

  it("says a line on each", () => {
    for (const name of configVariables) expect(text).toMatch(new RegExp(`^# .+\\n${name}=`, "m"));
  });
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
