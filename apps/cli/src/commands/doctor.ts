// `flux doctor`: what is wrong with the set-up, and what to do about it.

import { fileURLToPath } from "node:url";
import { defineCommand } from "citty";
import { jsonOption, print } from "../call.ts";
import type { Finding } from "../doctor/finding.ts";
import { imports } from "../doctor/imports.ts";
import { runtime, setUp } from "../doctor/local.ts";
import { server } from "../doctor/server.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

export const doctor = defineCommand({
  meta: {
    name: "doctor",
    description:
      "Looks at runtime, imports, configuration, database, server, clock and proxy set-up, and says what to do. Exit code 1 when something is wrong. Example: flux doctor --json",
  },
  args: { json: jsonOption },
  async run({ args }) {
    const findings = [runtime(), ...imports(root), ...(await setUp(root)), ...(await server())];
    print(args.json, findings, ({ check, ok, note, message }: Finding) => {
      const level = ok ? (note ? "note" : "ok  ") : "FAIL";
      return `${level}  ${check}: ${message}`;
    });
    if (findings.some((one) => !one.ok)) process.exitCode = 1;
  },
});
