// What somebody who has a second factor can do with it: new backup codes, and turning it off.

import { authClient } from "../../../auth-client.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { CurrentPassword } from "./current-password.tsx";
import { ProofForm, proofOf } from "./proof-form.tsx";

interface NewBackupCodesProps {
  readonly asksPassword: boolean;
  onCodes(codes: readonly string[]): void;
}

export function NewBackupCodes({ asksPassword, onCodes }: NewBackupCodesProps) {
  return (
    <ProofForm
      label="New backup codes"
      action="Make new codes"
      asksPassword={asksPassword}
      request={(proof) => authClient.twoFactor.generateBackupCodes(proof)}
      onDone={({ backupCodes }) => onCodes(backupCodes)}
    >
      <p>The codes that you have now will stop working.</p>
    </ProofForm>
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
