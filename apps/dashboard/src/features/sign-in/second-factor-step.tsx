// The second step of signing in: a code of the authenticator app, a passkey, or one of the backup codes.

import { Form } from "@base-ui/react/form";
import { useState } from "react";
import { authClient } from "../../auth-client.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { CodeField } from "../../ui/code-field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { SubmitButton } from "../../ui/submit-button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { hasPasskeys, signInWithPasskey } from "./passkey.ts";
import { type SecondFactorMethod, useSecondFactorMethods } from "./second-factor-methods.ts";

type Way = SecondFactorMethod | "backup-code";

interface SecondFactorStepProps {
  onSignedIn(): void;
  onStartOver(): void;
}

const labels: { readonly [way in Way]: string } = {
  totp: "Use the authenticator app instead",
  passkey: "Use a passkey instead",
  "backup-code": "Use a backup code instead",
};

export function SecondFactorStep(props: SecondFactorStepProps) {
  const methods = useSecondFactorMethods();
  if (methods === undefined) return <Loading />;
  const usable = methods.filter((method) => method !== "passkey" || hasPasskeys);
  return <SecondFactorForm {...props} ways={[...usable, "backup-code"]} />;
}

/** @param ways the first one is shown first */
function SecondFactorForm({
  ways,
  onSignedIn,
  onStartOver,
}: SecondFactorStepProps & { readonly ways: readonly Way[] }) {
  const submission = useSubmission();
  const [way, setWay] = useState<Way>(ways[0] ?? "backup-code");
  const verify = async ({ code = "" }: { code?: string }) => {
    const done = await submission.send<unknown>(async () => {
      if (way === "passkey") return signInWithPasskey(true);
      if (way === "backup-code") return authClient.twoFactor.verifyBackupCode({ code: code.trim() });
      return authClient.twoFactor.verifyTotp({ code: code.replaceAll(/\s/g, "") });
    });
    if (done) onSignedIn();
  };
  const switchTo = (other: Way) => {
    submission.fail(undefined);
    setWay(other);
  };
  return (
    <Form
      key={way}
      onFormSubmit={verify}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Second step"
    >
      <ProblemSummary submission={submission} />
      {way === "totp" && <CodeField />}
      {way === "backup-code" && (
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
      )}
      <SubmitButton submission={submission}>
        {way === "passkey" ? "Use your passkey" : "Sign in"}
      </SubmitButton>
      <div className="choices">
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <button key={other} type="button" className="link" onClick={() => switchTo(other)}>
              {labels[other]}
            </button>
          ))}
        <button type="button" className="link" onClick={onStartOver}>
          Sign in as somebody else
        </button>
      </div>
    </Form>
  );
}
