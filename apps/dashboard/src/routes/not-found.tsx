// The page for an address under which there is none.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { CardPage } from "../ui/page.tsx";

export function NotFoundPage() {
  return (
    <CardPage title="There is nothing here" intro="The address may be mistyped, or the page is gone.">
      <Link href={pagePaths.home} className="button button-primary">
        To the start
      </Link>
    </CardPage>
  );
}
