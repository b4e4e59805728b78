// What has to be true after the attacks.

import type { Campaign } from "./campaign.ts";

/** @returns what is not, in sentences without a full stop */
export function broken(campaign: Campaign): string[] {
  const { rows, incidents, alertMails, sentryIssues, ownerStatus, agentFoundIn, leaks } = campaign;
  const problems: string[] = [];
  const expected = (isTrue: boolean, what: string) => {
    if (!isTrue) problems.push(what);
  };
  for (const { attack, letThrough, bound, noticed } of rows) {
    expected(letThrough <= bound, `${attack}: at most ${bound} of it get through, and not ${letThrough}`);
    for (const { rule, afterMs } of noticed) expected(afterMs !== undefined, `${attack}: ${rule} notices it`);
  }
  let mails = 0;
  for (const { rule, scope, value, deliveries, closedWhy } of incidents) {
    const sent = deliveries.filter(({ status }) => status === "sent").length;
    mails += sent;
    // What became a part of one about many may have been told of by itself before.
    const isRight = closedWhy === "folded" ? sent <= 1 : sent === 1;
    expected(isRight, `the incident ${rule} ${scope} ${value} is told of in one mail, and not ${sent}`);
  }
  expected(alertMails.length === mails, `the mail server has ${mails} alerts, and not ${alertMails.length}`);
  for (const rule of new Set(rows.flatMap(({ noticed }) => noticed.map((one) => one.rule)))) {
    expected(
      sentryIssues.some((issue) => issue.includes(rule)),
      `Sentry has an issue about ${rule}`,
    );
  }
  expected(ownerStatus === 200, "the owner signs in on the browser that is known");
  for (const sink of ["log", "event file", "security_event.data", "Sentry"]) {
    expected(agentFoundIn.includes(sink), `the search finds a user agent in: ${sink}`);
  }
  expected(leaks.length === 0, `no secret is found: ${leaks.join("; ")}`);
  return problems;
}
