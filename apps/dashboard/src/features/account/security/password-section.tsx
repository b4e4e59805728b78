// Changing the password, which signs out every other browser.

import { Form } from "@base-ui/react/form";
import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { Notice } from "../../../ui/notice.tsx";
import { PasswordField } from "../../../ui/password-field.tsx";
import { Reveal } from "../../../ui/reveal.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { NewPasswordField } from "../../password/new-password-field.tsx";
import { Section } from "../section.tsx";

interface Values {
  readonly currentPassword: string;
  readonly password: string;
}

export function PasswordSection({ email }: { readonly email: string }) {
  const submission = useSubmission();
  const [changes, setChanges] = useState(0);
  const change = async ({ currentPassword, password }: Values) => {
    const done = await submission.send(() =>
      authClient.changePassword({ currentPassword, newPassword: password, revokeOtherSessions: true }),
    );
    if (done) setChanges(changes + 1);
  };
  return (
    <Section title="Password" intro="Changing it signs out all other browsers.">
      {changes > 0 && <Notice kind="good">Your password is changed.</Notice>}
      {/* A new one is closed and empty. */}
      <Reveal key={changes} label="Change the password">
        <Form
          onFormSubmit={change}
          errors={submission.fieldErrors}
          className="form"
          aria-label="Change the password"
        >
          <ProblemSummary submission={submission} />
          {/* So that password managers know whose password it is. */}
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          <PasswordField name="currentPassword" label="Current password" autoComplete="current-password" />
          <NewPasswordField label="New password" />
          <SubmitButton submission={submission}>Change the password</SubmitButton>
        </Form>
      </Reveal>
    </Section>
  );
}
