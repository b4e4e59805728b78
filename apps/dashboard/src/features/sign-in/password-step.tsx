// The first step of signing in: e-mail address and password.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { PasswordField } from "../../ui/password-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { TextField } from "../../ui/text-field.tsx";

interface PasswordStepProps {
  onSignedIn(): void;
}

export function PasswordStep({ onSignedIn }: PasswordStepProps) {
  const submission = useSubmission();
  const signIn = async ({ email, password }: { email: string; password: string }) => {
    const done = await submission.send(() => authClient.signIn.email({ email: email.trim(), password }));
    if (done) onSignedIn();
  };
  return (
    <Form onFormSubmit={signIn} className="form" aria-label="Sign in with a password">
      <ProblemSummary problem={submission.problem} />
      <TextField
        name="email"
        label="E-mail address"
        type="email"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        required
      />
      <PasswordField name="password" label="Password" autoComplete="current-password" />
      <SubmitButton isPending={submission.isPending}>Sign in</SubmitButton>
    </Form>
  );
}
