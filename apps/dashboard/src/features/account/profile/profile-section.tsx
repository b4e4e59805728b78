// One's own name.

import { Form } from "@base-ui/react/form";
import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { Notice } from "../../../ui/notice.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { Section } from "../section.tsx";

export function ProfileSection({ name }: { readonly name: string }) {
  const submission = useSubmission();
  const [isSaved, setSaved] = useState(false);
  const save = async (values: { name: string }) => {
    setSaved(false);
    const done = await submission.send(() => authClient.updateUser({ name: values.name.trim() }));
    setSaved(done !== undefined);
  };
  return (
    <Section title="Profile">
      <Form onFormSubmit={save} className="form" aria-label="Profile">
        <ProblemSummary submission={submission} />
        <TextField
          name="name"
          label="Name"
          autoComplete="name"
          defaultValue={name}
          maxLength={200}
          required
        />
        <SubmitButton submission={submission}>Save</SubmitButton>
        {isSaved && <Notice kind="good">Your name is saved.</Notice>}
      </Form>
    </Section>
  );
}
