// `npm run attack`: attacks a flux-auth of its own, and prints what it noticed, how soon, whom it told, and what leaked.

import { runCampaign } from "./attacks/campaign.ts";
import { broken } from "./attacks/expectations.ts";
import { orMissing } from "./missing.ts";

const campaign = await orMissing(runCampaign((words) => console.error(words)));
const { rows, incidents, alertMails, otherMails, sentryIssues, ownerStatus, agentFoundIn, leaks } = campaign;

console.log(`
| attack | sent | let through | at most | noticed by | after |
|---|---|---|---|---|---|`);
for (const { attack, sent, letThrough, bound, noticed } of rows) {
  const rules = noticed.map(({ rule }) => rule).join(", ");
  const times = noticed.map(({ afterMs }) => (afterMs === undefined ? "never" : `${afterMs} ms`)).join(", ");
  console.log(`| ${attack} | ${sent} | ${letThrough} | ${bound} | ${rules} | ${times} |`);
}
console.log(`
| incident | severity | about | detections | mails |
|---|---|---|---|---|`);
for (const { rule, severity, kind, scope, value, values, detections, deliveries, closedWhy } of incidents) {
  const about = kind === "many" ? `${values.count} of scope ${scope}` : `${scope} ${value}`;
  const mails = deliveries.filter(({ channel, status }) => channel === "mail" && status === "sent").length;
  const note = closedWhy === "folded" ? `${mails}, then part of the one about many` : String(mails);
  console.log(`| ${rule} | ${severity} | ${about} | ${detections} | ${note} |`);
}
const listed = (all: readonly string[]) => all.map((one) => `\n  ${one}`).join("");
console.log(`
Mails to operators: ${alertMails.length}${listed(alertMails)}
Mails to the owner: ${otherMails.length}
Sentry issues: ${sentryIssues.length}${listed(sentryIssues)}
The owner, at the end, on a browser that is known: ${ownerStatus === 200 ? "signed in" : ownerStatus}
Secrets found in logs, tables, events, mails, metrics and reports: ${leaks.length}${listed(leaks)}
(The same search finds a user agent, which belongs there, in: ${agentFoundIn.join(", ")}.)`);

const problems = broken(campaign);
for (const what of problems) console.error(`NOT SO: ${what}.`);
process.exit(problems.length > 0 ? 1 : 0);
