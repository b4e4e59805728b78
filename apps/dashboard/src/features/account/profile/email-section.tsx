// The e-mail address: whether it is confirmed, and how to change it.

import { Form } from "@base-ui/react/form";
import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { EmailField } from "../../../ui/email-field.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { Reveal } from "../../../ui/reveal.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { Section } from "../section.tsx";

interface EmailSectionProps {
  readonly email: string;
  readonly isVerified: boolean;
}

export function EmailSection({ email, isVerified }: EmailSectionProps) {
  const submission = useSubmission();
  const [isMailed, setMailed] = useState(false);
  const change = async (values: { newEmail: string }) => {
    setMailed(false);
    const done = await submission.send(() =>
      authClient.changeEmail({ newEmail: values.newEmail.trim(), callbackURL: pagePaths.account }),
    );
    setMailed(done !== undefined);
  };
  return (
    <Section title="E-mail address" intro="You sign in with it, and we write to it when something happens.">
      <p className="fact">
        <span>{email}</span>
        <span className={`badge ${isVerified ? "badge-good" : "badge-caution"}`}>
          {isVerified ? "Confirmed" : "Not confirmed yet"}
        </span>
      </p>
      {!isVerified && <VerificationMail email={email} />}
      <Reveal label="Change the address">
        <Form
          onFormSubmit={change}
          errors={submission.fieldErrors}
          className="form"
          aria-label="Change the e-mail address"
        >
          <ProblemSummary submission={submission} />
          <EmailField name="newEmail" label="New e-mail address" autoComplete="email" />
          <SubmitButton submission={submission}>Change the address</SubmitButton>
          {isMailed && (
            <Notice kind="good">
              Look into your mail: the change has to be confirmed before it takes effect.
            </Notice>
          )}
        </Form>
      </Reveal>
    </Section>
  );
}

function VerificationMail({ email }: { readonly email: string }) {
  const submission = useSubmission();
  const [isMailed, setMailed] = useState(false);
  const send = async () => {
    const done = await submission.send(() => authClient.sendVerificationEmail({ email }));
    setMailed(done !== undefined);
  };
  return (
    <Form onFormSubmit={send} className="form" aria-label="Confirm the e-mail address">
      <ProblemSummary submission={submission} />
      {isMailed ? (
        <Notice kind="good">Look into your mail for the link.</Notice>
      ) : (
        <SubmitButton submission={submission}>Send me the link again</SubmitButton>
      )}
    </Form>
  );
}
