// Signing in without a password: with a passkey, or with an account elsewhere.

import { Button } from "@base-ui/react/button";
import { useState } from "react";
import { authClient } from "../../auth-client.ts";
import { type Problem, toProblem } from "../../problems/problem.ts";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { useSubmission } from "../../problems/use-submission.ts";
import { nextPage } from "../../session/next-page.ts";
import { providerError } from "../../session/provider-answer.ts";
import { hasPasskeys, signInWithPasskey, usePasskeyAutofill } from "./passkey.ts";
import type { SignInOptions } from "./sign-in-options.ts";

const problemOfProvider = (): Problem | undefined => {
  const code = providerError(window.location.search);
  return code === undefined ? undefined : toProblem({ code }, Date.now());
};

interface OtherWaysProps {
  readonly options: SignInOptions;
  onSignedIn(): void;
}

export function OtherWays({ options, onSignedIn }: OtherWaysProps) {
  const [problem] = useState(problemOfProvider);
  const submission = useSubmission(problem);
  const takesPasskeys = options.passkey && hasPasskeys;
  const autofill = usePasskeyAutofill(takesPasskeys, onSignedIn, submission.fail);
  if (!takesPasskeys && options.providers.length === 0) return null;
  const withPasskey = async () => {
    const done = await submission.send<unknown>(async () => {
      await autofill.stop();
      return signInWithPasskey();
    });
    if (done) onSignedIn();
    else autofill.restart();
  };
  const withProvider = async (provider: string) => {
    const callbackURL = nextPage(window.location.search, window.location.origin);
    await submission.send<unknown>(() => authClient.signIn.social({ provider, callbackURL }));
  };
  return (
    <div className="form">
      <p className="divider">or</p>
      <ProblemSummary submission={submission} />
      {takesPasskeys && (
        <Button
          className="button"
          disabled={submission.isPending || submission.secondsToWait > 0}
          focusableWhenDisabled
          onClick={() => void withPasskey()}
        >
          Sign in with a passkey
        </Button>
      )}
      {options.providers.map(({ id, name }) => (
        <Button
          key={id}
          className="button"
          disabled={submission.isPending}
          focusableWhenDisabled
          onClick={() => void withProvider(id)}
        >
          Continue with {name}
        </Button>
      ))}
    </div>
  );
}
