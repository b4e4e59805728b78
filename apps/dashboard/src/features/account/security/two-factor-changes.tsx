// What somebody who has a second factor can do with it: new backup codes, and turning it off.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { CurrentPassword } from "./current-password.tsx";
import { passwordErrors } from "./two-factor-setup.tsx";

const proofOf = ({ password }: { password?: string }) => (password === undefined ? {} : { password });

interface NewBackupCodesProps {
  readonly asksPassword: boolean;
  onCodes(codes: readonly string[]): void;
}

export function NewBackupCodes({ asksPassword, onCodes }: NewBackupCodesProps) {
  const submission = useSubmission();
  const make = async (values: { password?: string }) => {
    const done = await submission.send(() => authClient.twoFactor.generateBackupCodes(proofOf(values)));
    if (done) onCodes(done.data.backupCodes);
  };
  return (
    <Form
      onFormSubmit={make}
      errors={passwordErrors(submission.fieldErrors)}
      className="form"
      aria-label="New backup codes"
    >
      <p>The codes that you have now will stop working.</p>
      <ProblemSummary submission={submission} />
      {asksPassword && <CurrentPassword />}
      <SubmitButton submission={submission}>Make new codes</SubmitButton>
    </Form>
  );
}

export function TurnOff({ asksPassword }: { readonly asksPassword: boolean }) {
  return (
    <ConfirmDialog
      trigger="Turn off"
      triggerLabel="Turn off the second factor"
      title="Turn off the second factor?"
      description="Your password alone will open your account again."
      action="Turn off"
      request={(values) => authClient.twoFactor.disable(proofOf(values))}
      onDone={() => {}}
    >
      {asksPassword && <CurrentPassword />}
    </ConfirmDialog>
  );
}
