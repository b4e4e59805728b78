// docs/alerts.md shows what is really sent.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builtInRules } from "@fluxstudio/guard";
import { expect, it } from "vitest";
import { securityAlert } from "../mail/messages/security-alert.ts";
import { render } from "../mail/render.ts";
import { type AlertBody, createBodies } from "./alert-body.ts";
import { exampleIncident } from "./test-alerts.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/alerts.md"), "utf8");
const publicUrl = "https://auth.example.com";
const summaryOf = (rule: string) => builtInRules.find(({ id }) => id === rule)?.summary;
const bodies = createBodies({ publicUrl, summaryOf });
const moment = { kind: "opened", at: exampleIncident.lastAt + 10_000, sequence: 1 } as const;
const body: AlertBody = JSON.parse(bodies.incident(exampleIncident, moment));

it("the mail", async () => {
  const { subject, text } = await render(securityAlert(body.data), { name: "Flux Studio", url: publicUrl });
  expect(page).toContain(`\`\`\`text\nSubject: ${subject}\n\n${text.trimEnd()}\n\`\`\``);
});

it("the webhook's body", () => {
  const [, shown = ""] = /```json\n(\{\n {2}"type".*?)\n```/s.exec(page) ?? [];
  expect(JSON.parse(shown)).toEqual(body);
});
