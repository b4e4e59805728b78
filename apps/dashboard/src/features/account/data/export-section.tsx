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
    const done = await submission.send(ask);
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

/** Asked for by script and not by a link, because a refusal is to be read here and not saved as a file. */
const ask = () => authClient.$fetch<object>("/export", { method: "GET" });

function saveAs(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
