// The page that the mail about deleting one's account leads to, for whoever is still signed in.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { LinkAction } from "../features/links/link-action.tsx";
import { LinkPage } from "../features/links/link-page.tsx";
import { CardPage } from "../ui/page.tsx";

export function DeleteAccountPage() {
  return (
    <LinkPage
      ask={(token, onDone) => (
        <CardPage
          key="ask"
          title="Delete your account?"
          intro="What belongs to it is deleted with it. This cannot be undone."
          footer={<Link href={pagePaths.account}>Keep it, and go back to the account</Link>}
        >
          <LinkAction isDangerous onDone={onDone} request={() => authClient.deleteUser({ token })}>
            Delete my account for good
          </LinkAction>
        </CardPage>
      )}
      done={
        <CardPage
          key="done"
          title="Your account is deleted"
          intro="With everything that belonged to it. Thank you for having been here."
        >
          <Link href={pagePaths.signUp} className="button">
            Create another account
          </Link>
        </CardPage>
      }
    />
  );
}
