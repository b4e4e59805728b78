// The page on which people create an account.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { SignUpForm } from "../features/sign-up/sign-up-form.tsx";
import { goAfterSignIn } from "../session/next-page.ts";
import { CardPage } from "../ui/page.tsx";

export function SignUpPage() {
  const [mailedTo, setMailedTo] = useState<string>();
  if (mailedTo !== undefined) {
    return (
      <CardPage key="mailed" title="Look into your mail">
        <p>
          We have written to <strong>{mailedTo}</strong>. Follow the link in that mail, and your account is
          ready.
        </p>
        <p className="field-hint">
          Nothing there after some minutes? Look among the unwanted mails, and check the address.
        </p>
        <Link href={pagePaths.signIn} className="button">
          To sign in
        </Link>
      </CardPage>
    );
  }
  const footer = (
    <>
      Have an account already? <Link href={pagePaths.signIn}>Sign in</Link>
    </>
  );
  return (
    <CardPage key="form" title="Create your account" footer={footer}>
      <SignUpForm onSignedIn={goAfterSignIn} onMailSent={setMailedTo} />
    </CardPage>
  );
}
