// What stands on the page of a mailed link when its token is missing.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { CardPage } from "../../ui/page.tsx";

export function IncompleteLink() {
  return (
    <CardPage
      title="This link is incomplete"
      intro="Part of it was lost on the way. Open it from the mail itself, or copy all of it into the address bar."
    >
      <Link href={pagePaths.signIn} className="button">
        To sign in
      </Link>
    </CardPage>
  );
}
