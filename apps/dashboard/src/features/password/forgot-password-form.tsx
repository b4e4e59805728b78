// Asks for a link to choose a new password; the answer is the same for every address.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { EmailField } from "../../ui/email-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";

interface ForgotPasswordFormProps {
  onMailSent(email: string): void;
}

export function ForgotPasswordForm({ onMailSent }: ForgotPasswordFormProps) {
  const submission = useSubmission();
  const ask = async (values: { email: string }) => {
    const email = values.email.trim();
    const done = await submission.send(() => authClient.requestPasswordReset({ email }));
    if (done) onMailSent(email);
  };
  return (
    <Form
      onFormSubmit={ask}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Forgot your password?"
    >
      <ProblemSummary submission={submission} />
      <EmailField />
      <SubmitButton submission={submission}>Send me a link</SubmitButton>
    </Form>
  );
}
