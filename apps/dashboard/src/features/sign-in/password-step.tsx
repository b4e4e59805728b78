// The first step of signing in: e-mail address and password.

import { Form } from "@base-ui/react/form";
import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { EmailField } from "../../ui/email-field.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";

interface PasswordStepProps {
  onSignedIn(): void;
  /** The password was right, and the account asks for more. */
  onSecondFactor(): void;
}

export function PasswordStep({ onSignedIn, onSecondFactor }: PasswordStepProps) {
  const submission = useSubmission();
  const signIn = async ({ email, password }: { email: string; password: string }) => {
    const done = await submission.send(() => authClient.signIn.email({ email: email.trim(), password }));
    if (!done) return;
    if ("twoFactorRedirect" in done.data) onSecondFactor();
    else onSignedIn();
  };
  return (
    <Form onFormSubmit={signIn} className="form" aria-label="Sign in with a password">
      <ProblemSummary submission={submission} />
      <EmailField autoComplete="username webauthn" />
      <PasswordField name="password" label="Password" autoComplete="current-password" />
      <Link href={pagePaths.forgotPassword} className="beside">
        Forgot your password?
      </Link>
      <SubmitButton submission={submission}>Sign in</SubmitButton>
    </Form>
  );
}
