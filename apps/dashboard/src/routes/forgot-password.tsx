// The page on which somebody who forgot the password asks for a link.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { ForgotPasswordForm } from "../features/password/forgot-password-form.tsx";
import { CardPage } from "../ui/page.tsx";

export function ForgotPasswordPage() {
  const [mailedTo, setMailedTo] = useState<string>();
  const footer = <Link href={pagePaths.signIn}>Back to sign in</Link>;
  if (mailedTo !== undefined) {
    return (
      <CardPage key="mailed" title="Look into your mail" footer={footer}>
        <p>
          If there is an account for <strong>{mailedTo}</strong>, a link to choose a new password is on its
          way. It works once, for an hour.
        </p>
        <p className="field-hint">
          Nothing there after some minutes? Look among the unwanted mails, and check the address.
        </p>
      </CardPage>
    );
  }
  return (
    <CardPage
      key="form"
      title="Forgot your password?"
      intro="Write your e-mail address, and we send you a link to choose a new one."
      footer={footer}
    >
      <ForgotPasswordForm onMailSent={setMailedTo} />
    </CardPage>
  );
}
