// The page that the mail about a forgotten password leads to.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { IncompleteLink } from "../features/links/incomplete-link.tsx";
import { ResetPasswordForm } from "../features/password/reset-password-form.tsx";
import { linkToken } from "../session/link-token.ts";
import { CardPage } from "../ui/page.tsx";

export function ResetPasswordPage() {
  const [isDone, setDone] = useState(false);
  if (linkToken === undefined) return <IncompleteLink />;
  if (isDone) {
    return (
      <CardPage
        key="done"
        title="Your password is changed"
        intro="All other browsers have been signed out. Sign in with the new password."
      >
        <Link href={pagePaths.signIn} className="button button-primary">
          Sign in
        </Link>
      </CardPage>
    );
  }
  const footer = <Link href={pagePaths.forgotPassword}>Ask for a new link</Link>;
  return (
    <CardPage key="form" title="Choose a new password" footer={footer}>
      <ResetPasswordForm token={linkToken} onDone={() => setDone(true)} />
    </CardPage>
  );
}
