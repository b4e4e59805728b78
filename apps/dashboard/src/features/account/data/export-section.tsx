// All that is kept about an account, as a file for its owner.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { Section } from "../section.tsx";

export function ExportSection() {
  const submission = useSubmission();
  const download = async () => {
    const done = await submission.send(gather);
    if (done) saveAs("flux-studio-account.json", JSON.stringify(done.data, undefined, 2));
  };
  return (
    <Section
      title="Your data"
      intro="A file with your profile, your ways of signing in, your devices and what happened to your account."
    >
      <Form onFormSubmit={download} className="form" aria-label="Your data">
        <ProblemSummary submission={submission} />
        <SubmitButton submission={submission}>Download my data</SubmitButton>
      </Form>
    </Section>
  );
}

/** Each of these lists is the account's own; none holds a secret. The first refusal is the answer to all. */
async function gather() {
  const answers = {
    profile: await authClient.$fetch<unknown>("/me", { method: "GET" }),
    waysIn: await authClient.$fetch<unknown>("/list-accounts", { method: "GET" }),
    passkeys: await authClient.$fetch<unknown>("/passkey/list-user-passkeys", { method: "GET" }),
    devices: await authClient.$fetch<unknown>("/devices", { method: "GET" }),
    securityEvents: await authClient.$fetch<unknown>("/security-events", { method: "GET" }),
  };
  const error = Object.values(answers).find((answer) => answer.error !== null)?.error ?? null;
  const data = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, answer.data]));
  return { data, error };
}

function saveAs(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
