// The page on which people sign in.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Link } from "wouter";
import { PasswordStep } from "../features/sign-in/password-step.tsx";
import { goAfterSignIn } from "../session/next-page.ts";
import { CardPage } from "../ui/page.tsx";

export function SignInPage() {
  const footer = (
    <>
      New here? <Link href={pagePaths.signUp}>Create an account</Link>
    </>
  );
  return (
    <CardPage title="Sign in" footer={footer}>
      <PasswordStep onSignedIn={goAfterSignIn} />
    </CardPage>
  );
}
