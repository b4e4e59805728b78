// Sets a new password with the token of a mailed link.

import { Form } from "@base-ui/react/form";
import { useEffect } from "react";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { NewPasswordField } from "./new-password-field.tsx";
import { problemOfResetLink } from "./reset-link.ts";

interface ResetPasswordFormProps {
  readonly token: string;
  onDone(): void;
}

export function ResetPasswordForm({ token, onDone }: ResetPasswordFormProps) {
  const submission = useSubmission();
  const { fail } = submission;
  useEffect(() => {
    void problemOfResetLink(token).then((problem) => problem && fail(problem));
  }, [token, fail]);
  const reset = async ({ password }: { password: string }) => {
    const done = await submission.send(() => authClient.resetPassword({ newPassword: password, token }));
    if (done) onDone();
  };
  if (submission.problem?.code === "INVALID_TOKEN") return <ProblemSummary submission={submission} />;
  return (
    <Form
      onFormSubmit={reset}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Choose a new password"
    >
      <ProblemSummary submission={submission} />
      <NewPasswordField label="New password" />
      <SubmitButton submission={submission}>Save the new password</SubmitButton>
    </Form>
  );
}
