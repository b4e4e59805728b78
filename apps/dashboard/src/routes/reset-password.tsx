// The page that the mail about a forgotten password leads to.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { LinkPage } from "../features/links/link-page.tsx";
import { ResetPasswordForm } from "../features/password/reset-password-form.tsx";
import { CardPage } from "../ui/page.tsx";

export function ResetPasswordPage() {
  const footer = <Link href={pagePaths.forgotPassword}>Ask for a new link</Link>;
  return (
    <LinkPage
      ask={(token, onDone) => (
        <CardPage key="form" title="Choose a new password" footer={footer}>
          <ResetPasswordForm token={token} onDone={onDone} />
        </CardPage>
      )}
      done={
        <CardPage
          key="done"
          title="Your password is changed"
          intro="All other browsers have been signed out. Sign in with the new password."
        >
          <Link href={pagePaths.signIn} className="button button-primary">
            Sign in
          </Link>
        </CardPage>
      }
    />
  );
}
