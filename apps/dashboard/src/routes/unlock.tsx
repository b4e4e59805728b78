// The page that the mail about many wrong passwords leads to: its owner need not wait.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { IncompleteLink } from "../features/links/incomplete-link.tsx";
import { LinkAction } from "../features/links/link-action.tsx";
import { linkToken } from "../session/link-token.ts";
import { CardPage } from "../ui/page.tsx";

export function UnlockPage() {
  const [isDone, setDone] = useState(false);
  if (linkToken === undefined) return <IncompleteLink />;
  if (isDone) {
    return (
      <CardPage key="done" title="You can sign in again" intro="This browser need not wait any longer.">
        <Link href={pagePaths.signIn} className="button button-primary">
          Sign in
        </Link>
      </CardPage>
    );
  }
  return (
    <CardPage
      key="ask"
      title="Sign in without waiting"
      intro="Somebody wrote wrong passwords for your account, so strangers have to wait before they try again. You need not."
    >
      <LinkAction
        onDone={() => setDone(true)}
        request={() => authClient.$fetch("/unlock", { method: "POST", body: { token: linkToken } })}
      >
        End the wait
      </LinkAction>
    </CardPage>
  );
}
