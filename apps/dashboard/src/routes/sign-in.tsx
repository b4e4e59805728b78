// The page on which people sign in.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useState } from "react";
import { Link } from "wouter";
import { OtherWays } from "../features/sign-in/other-ways.tsx";
import { PasswordStep } from "../features/sign-in/password-step.tsx";
import { SecondFactorStep } from "../features/sign-in/second-factor-step.tsx";
import { useSignInOptions } from "../features/sign-in/sign-in-options.ts";
import { goAfterSignIn } from "../session/next-page.ts";
import { CardPage } from "../ui/page.tsx";

export function SignInPage() {
  const options = useSignInOptions();
  const [step, setStep] = useState(firstStep);
  if (step === "second") {
    return (
      <CardPage
        key="second"
        title="One more step"
        intro="The first step is done. Please show that it is you with your second factor."
      >
        <SecondFactorStep onSignedIn={goAfterSignIn} onStartOver={() => setStep("first")} />
      </CardPage>
    );
  }
  const footer = (
    <>
      New here? <Link href={pagePaths.signUp}>Create an account</Link>
    </>
  );
  return (
    <CardPage key="first" title="Sign in" footer={footer}>
      <PasswordStep onSignedIn={goAfterSignIn} onSecondFactor={() => setStep("second")} />
      <OtherWays options={options} onSignedIn={goAfterSignIn} />
    </CardPage>
  );
}

/** Who comes back from a provider has the first step behind them, and the server says so in the address. */
function firstStep(): "first" | "second" {
  const step = new URLSearchParams(window.location.search).get("step");
  return step === "second-factor" ? "second" : "first";
}
