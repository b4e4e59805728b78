// The page that the mail about deleting one's account leads to, for whoever is still signed in.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { IncompleteLink } from "../features/links/incomplete-link.tsx";
import { LinkAction } from "../features/links/link-action.tsx";
import { linkToken } from "../session/link-token.ts";
import { CardPage } from "../ui/page.tsx";

export function DeleteAccountPage() {
  const [isDone, setDone] = useState(false);
  if (linkToken === undefined) return <IncompleteLink />;
  const token = linkToken;
  if (isDone) {
    return (
      <CardPage
        key="done"
        title="Your account is deleted"
        intro="With everything that belonged to it. Thank you for having been here."
      >
        <Link href={pagePaths.signUp} className="button">
          Create another account
        </Link>
      </CardPage>
    );
  }
  return (
    <CardPage
      key="ask"
      title="Delete your account?"
      intro="What belongs to it is deleted with it. This cannot be undone."
      footer={<Link href={pagePaths.account}>Keep it, and go back to the account</Link>}
    >
      <LinkAction isDangerous onDone={() => setDone(true)} request={() => authClient.deleteUser({ token })}>
        Delete my account for good
      </LinkAction>
    </CardPage>
  );
}
