// The page that "this wasn't me" in a mail leads to: ends that session, and begins a new password.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { LinkAction } from "../features/links/link-action.tsx";
import { LinkPage } from "../features/links/link-page.tsx";
import { CardPage } from "../ui/page.tsx";

export function NotMePage() {
  return (
    <LinkPage
      ask={(token, onDone) => (
        <CardPage
          key="ask"
          title="Was this not you?"
          intro="Then we sign out whoever it was, at once, and help you to choose a new password."
        >
          <LinkAction
            isDangerous
            onDone={onDone}
            request={() => authClient.$fetch("/not-me", { method: "POST", body: { token } })}
          >
            It was not me: sign them out
          </LinkAction>
          <p className="field-hint">It was you? Then there is nothing to do: close this page.</p>
        </CardPage>
      )}
      done={
        <CardPage key="done" title="That session has been ended">
          <p>Whoever it was is signed out. They may know your password, so please choose a new one now.</p>
          <p>A mail with the link for that is on its way to you.</p>
          <Link href={pagePaths.signIn} className="button">
            To sign in
          </Link>
        </CardPage>
      }
    />
  );
}
