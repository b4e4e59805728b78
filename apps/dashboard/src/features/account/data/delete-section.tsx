// Deleting the account.

import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { useHasPassword } from "../has-password.ts";
import { Section } from "../section.tsx";
import { CurrentPassword } from "../security/current-password.tsx";

export function DeleteSection() {
  const [isAsked, setAsked] = useState(false);
  const asksPassword = useHasPassword();
  return (
    <Section title="Delete your account" intro="With everything that belongs to it. This cannot be undone.">
      {isAsked ? (
        <Notice kind="caution">
          We have sent you a mail. Your account is deleted when you follow the link in it.
        </Notice>
      ) : (
        <div className="actions">
          <ConfirmDialog
            trigger="Delete my account"
            title="Delete your account?"
            description="You are signed out everywhere, and what belongs to the account is gone for good."
            action="Delete it"
            request={({ password }) => authClient.deleteUser(password === undefined ? {} : { password })}
            onDone={() => setAsked(true)}
          >
            {asksPassword && <CurrentPassword />}
          </ConfirmDialog>
        </div>
      )}
    </Section>
  );
}
