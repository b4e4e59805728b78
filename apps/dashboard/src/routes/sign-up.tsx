// The page on which people create an account.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { SignUpForm } from "../features/sign-up/sign-up-form.tsx";
import { goAfterSignIn } from "../session/next-page.ts";
import { CardPage } from "../ui/page.tsx";

export function SignUpPage() {
  const footer = (
    <>
      Have an account already? <Link href={pagePaths.signIn}>Sign in</Link>
    </>
  );
  return (
    <CardPage title="Create your account" footer={footer}>
      <SignUpForm onSignedIn={goAfterSignIn} />
    </CardPage>
  );
}
