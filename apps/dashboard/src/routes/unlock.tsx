// The page that the mail about many wrong passwords leads to: its owner need not wait.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { LinkAction } from "../features/links/link-action.tsx";
import { LinkPage } from "../features/links/link-page.tsx";
import { CardPage } from "../ui/page.tsx";

export function UnlockPage() {
  return (
    <LinkPage
      ask={(token, onDone) => (
        <CardPage
          key="ask"
          title="Sign in without waiting"
          intro="Somebody wrote wrong passwords for your account, so strangers have to wait before they try again. You need not."
        >
          <LinkAction
            onDone={onDone}
            request={() => authClient.$fetch("/unlock", { method: "POST", body: { token } })}
          >
            End the wait
          </LinkAction>
        </CardPage>
      )}
      done={
        <CardPage key="done" title="You can sign in again" intro="This browser need not wait any longer.">
          <Link href={pagePaths.signIn} className="button button-primary">
            Sign in
          </Link>
        </CardPage>
      }
    />
  );
}
