// The form that creates an account.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { PasswordField } from "../../ui/password-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { TextField } from "../../ui/text-field.tsx";

interface Values {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

interface SignUpFormProps {
  onSignedIn(): void;
}

export function SignUpForm({ onSignedIn }: SignUpFormProps) {
  const submission = useSubmission();
  const signUp = async ({ name, email, password }: Values) => {
    const done = await submission.send(() =>
      authClient.signUp.email({ name: name.trim(), email: email.trim(), password }),
    );
    if (done) onSignedIn();
  };
  return (
    <Form onFormSubmit={signUp} className="form" aria-label="Create your account">
      <ProblemSummary problem={submission.problem} />
      <TextField name="name" label="Name" autoComplete="name" maxLength={200} required />
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
      <PasswordField
        name="password"
        label="Password"
        autoComplete="new-password"
        hint="At least 8 characters. A few words that only you would put together are good."
        minLength={8}
      />
      <SubmitButton isPending={submission.isPending}>Create account</SubmitButton>
    </Form>
  );
}
