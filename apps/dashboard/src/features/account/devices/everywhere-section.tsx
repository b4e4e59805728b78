// Signing out of everything at once.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { authClient } from "../../../auth-client.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Section } from "../section.tsx";

export function EverywhereSection() {
  return (
    <Section
      title="Sign out everywhere"
      intro="On every device, this one too. Do it when a device is lost or somebody else was in your account."
    >
      <div className="actions">
        <ConfirmDialog
          trigger="Sign out everywhere"
          title="Sign out everywhere?"
          description="Every browser has to sign in anew, this one too."
          action="Sign out everywhere"
          request={() => authClient.revokeSessions()}
          onDone={() => window.location.assign(pagePaths.signIn)}
        />
      </div>
    </Section>
  );
}
