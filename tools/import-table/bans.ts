// Who may not import what, and why: the table of the architecture, in a form that a program can check.

/** One row. Paths are globs from the repository's root; a package of npm is written `npm:NAME`. */
export interface ImportBan {
  readonly from: readonly string[];
  readonly except?: readonly string[];
  readonly to: readonly string[];
  readonly exceptTo?: readonly string[];
  /** Types vanish before anything runs, so that they tie nothing together. @default false */
  readonly allowsTypes?: boolean;
  /** A sentence for the person who is about to work around the ban. */
  readonly reason: string;
}

const tests = ["**/*.test.ts", "**/*.test.tsx"];
const operatorToken = "packages/admin-api/src/operator-token.ts";
const services = ["auth", "messaging", "collaboration"];
const react = ["npm:react", "npm:react/**", "npm:react-dom", "npm:react-dom/**"];
const frameworks = ["better-auth", "@better-auth/*", "hono", "@hono/*", "express", "fastify"].flatMap(npm);
const serverCode = [
  ...frameworks,
  ...["pg", "kysely", "@redis/*", "@node-rs/*", "pino", "prom-client"].flatMap(npm),
];

export const importBans: readonly ImportBan[] = [
  {
    from: ["packages/**"],
    to: ["apps/**"],
    reason: "An app is built from packages; a package that knows an app can serve no other one.",
  },
  {
    from: ["packages/guard/**"],
    to: ["packages/telemetry/**", "packages/admin-api/**"],
    reason: "The guard goes into other people's applications, which have their own logs and their own API.",
  },
  {
    from: ["packages/guard/**"],
    except: ["packages/guard/src/adapters/**", ...tests],
    to: [...frameworks, ...react],
    reason: "Only an adapter knows its framework; the library itself must work with any, or with none.",
  },
  {
    from: ["packages/guard/src/*"],
    except: ["packages/guard/src/index.ts", ...tests],
    to: ["stores", "rules", "sinks", "adapters"].map((directory) => `packages/guard/src/${directory}/**`),
    exceptTo: ["packages/guard/src/stores/window-store.ts", "packages/guard/src/stores/decision-store.ts"],
    reason:
      "The engine sees interfaces only, so that a store, rule or sink can be added without touching it.",
  },
  {
    from: ["packages/guard/src/rules/**"],
    except: tests,
    to: ["stores", "sinks", "adapters"].map((directory) => `packages/guard/src/${directory}/**`),
    exceptTo: ["packages/guard/src/stores/window-store.ts", "packages/guard/src/stores/decision-store.ts"],
    reason: "A rule is two pure functions over signals and counts; where these are kept is not its business.",
  },
  {
    from: ["packages/telemetry/**"],
    to: ["packages/admin-api/**"],
    reason: "Every service logs and counts; not every service has an admin API.",
  },
  {
    from: ["packages/admin-api/**"],
    except: tests,
    to: ["packages/telemetry/**", ...serverCode, ...react],
    reason:
      "The contract is shared with a browser and a terminal, where neither a server nor React is at hand.",
  },
  {
    from: ["packages/admin-api/**"],
    // A subpath of its own, for the server and the terminal.
    except: [operatorToken, ...tests],
    to: ["node:*", "node:*/**", operatorToken],
    reason: "The contract is also read by a browser, which has none of the runtime's modules.",
  },
  {
    from: ["packages/admin-api/**"],
    to: ["packages/guard/**"],
    // Lists of words, and nothing behind them.
    exceptTo: ["packages/guard/src/vocabulary.ts"],
    allowsTypes: true,
    reason: "Whoever reads the contract needs the guard's types, but must not carry its code.",
  },
  ...services.map((service) => ({
    from: [`apps/${service}/**`],
    to: [...services, "dashboard", "cli"].filter((app) => app !== service).map((app) => `apps/${app}/**`),
    reason:
      "Each service is started, scaled and broken alone; what two of them share belongs into a package.",
  })),
  {
    from: ["apps/dashboard/**"],
    to: [
      "packages/guard/**",
      "packages/telemetry/**",
      "apps/{auth,messaging,collaboration,cli}/**",
      operatorToken,
      ...serverCode,
    ],
    // What Better Auth makes for browsers.
    exceptTo: ["npm:better-auth/react", "npm:better-auth/client/plugins", "npm:@better-auth/passkey/client"],
    reason:
      "The dashboard runs in a browser and knows the admin API only; server code would go out to every visitor.",
  },
  {
    from: ["apps/cli/**"],
    to: ["packages/telemetry/**", "apps/{auth,messaging,collaboration,dashboard}/**", ...serverCode],
    reason:
      "The CLI speaks to a server through the admin API, and must start fast and work where there is none.",
  },
  {
    from: ["apps/cli/**"],
    to: ["packages/guard/src/adapters/**"],
    reason: "An adapter brings its framework along, and the CLI serves nothing.",
  },
  {
    from: ["packages/**", "apps/**"],
    to: ["tools/**", "benchmarks/**", "examples/**", "e2e/**"],
    reason: "What is shipped must not need what only this repository has.",
  },
];

/** Where `process.env` may be read. */
export const environmentReaders = {
  allowed: [
    ...["**/config.ts", "**/*.config.{ts,cjs}", "tools/**", "benchmarks/**", "e2e/**", ...tests],
    // A launcher hands the environment on to the runtime that it starts, before TypeScript can be read.
    "apps/*/bin/*.mjs",
  ],
  reason:
    "One config.ts an app reads all variables and reports all mistakes at once; elsewhere one is easily missed.",
};

/** Names that say nothing about what is inside, so that everything ends up there. */
export const bannedDirectories = {
  names: ["utils", "common", "shared", "core", "helpers"],
  reason: "A directory is named after the one thing that it is about; this name would take in anything.",
};

function npm(name: string): string[] {
  return [`npm:${name}`, `npm:${name}/**`];
}
