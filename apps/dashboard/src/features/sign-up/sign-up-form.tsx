// The form that creates an account.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { EmailField } from "../../ui/email-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { NewPasswordField } from "../password/new-password-field.tsx";

interface Values {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

interface SignUpFormProps {
  onSignedIn(): void;
  /** The address has to be confirmed first; so it also looks when there was an account already. */
  onMailSent(email: string): void;
}

export function SignUpForm({ onSignedIn, onMailSent }: SignUpFormProps) {
  const submission = useSubmission();
  const signUp = async (values: Values) => {
    const email = values.email.trim();
    const done = await submission.send(() =>
      authClient.signUp.email({ name: values.name.trim(), email, password: values.password }),
    );
    if (!done) return;
    if (done.data.token === null) onMailSent(email);
    else onSignedIn();
  };
  return (
    <Form
      onFormSubmit={signUp}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Create your account"
    >
      <ProblemSummary submission={submission} />
      <TextField name="name" label="Name" autoComplete="name" maxLength={200} required />
      <EmailField />
      <NewPasswordField />
      <SubmitButton submission={submission}>Create account</SubmitButton>
    </Form>
  );
}
