// The second step of signing in: a code of the authenticator app, or one of the backup codes.

import { Form } from "@base-ui/react/form";
import { useState } from "react";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { CodeField } from "../../ui/code-field.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { TextField } from "../../ui/text-field.tsx";

interface SecondFactorStepProps {
  onSignedIn(): void;
  onStartOver(): void;
}

export function SecondFactorStep({ onSignedIn, onStartOver }: SecondFactorStepProps) {
  const submission = useSubmission();
  const [usesBackupCode, setBackupCode] = useState(false);
  const verify = async ({ code }: { code: string }) => {
    const digits = code.replaceAll(/\s/g, "");
    const done = await submission.send<unknown>(() =>
      usesBackupCode
        ? authClient.twoFactor.verifyBackupCode({ code: code.trim() })
        : authClient.twoFactor.verifyTotp({ code: digits }),
    );
    if (done) onSignedIn();
  };
  const withPasskey = async () => {
    const done = await submission.send<unknown>(() => authClient.signIn.passkey());
    if (done) onSignedIn();
  };
  const switchWay = () => {
    submission.fail(undefined);
    setBackupCode(!usesBackupCode);
  };
  return (
    <Form
      key={String(usesBackupCode)}
      onFormSubmit={verify}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Second step"
    >
      <ProblemSummary submission={submission} />
      {usesBackupCode ? (
        <TextField
          name="code"
          label="Backup code"
          hint="One of those that you were shown when you set this up. Each works once."
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          required
        />
      ) : (
        <CodeField />
      )}
      <SubmitButton submission={submission}>Sign in</SubmitButton>
      <div className="choices">
        <button type="button" className="link" onClick={switchWay}>
          {usesBackupCode ? "Use the authenticator app instead" : "Use a backup code instead"}
        </button>
        {"PublicKeyCredential" in window && (
          <button type="button" className="link" onClick={() => void withPasskey()}>
            Use a passkey instead
          </button>
        )}
        <button type="button" className="link" onClick={onStartOver}>
          Sign in as somebody else
        </button>
      </div>
    </Form>
  );
}
