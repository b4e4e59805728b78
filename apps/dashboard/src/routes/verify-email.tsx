// The page that a mail leads to whose address is to be confirmed.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { authClient } from "../auth-client.ts";
import { IncompleteLink } from "../features/links/incomplete-link.tsx";
import { ProblemSummary } from "../problems/problem-summary.tsx";
import { useSubmission } from "../problems/use-submission.ts";
import { type LinkKind, linkKindOf } from "../session/link-kind.ts";
import { linkToken } from "../session/link-token.ts";
import { Loading } from "../ui/loading.tsx";
import { CardPage } from "../ui/page.tsx";

export function VerifyEmailPage() {
  return linkToken === undefined ? <IncompleteLink /> : <Verification token={linkToken} />;
}

const done: { readonly [kind in LinkKind]: string } = {
  "sign-up": "Your e-mail address is confirmed.",
  "change-asked":
    "Now look into the mail that we have just sent to the new address: it holds the last link, and then the change takes effect.",
  "change-done": "From now on, sign in with your new e-mail address.",
};

/** Confirms without a click: to look into the mail is all that has to be shown. */
function Verification({ token }: { readonly token: string }) {
  const submission = useSubmission();
  const [isDone, setDone] = useState(false);
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    void submission
      .send<unknown>(() => authClient.verifyEmail({ query: { token } }))
      .then((done) => setDone(done !== undefined));
  }, [submission, token]);
  if (isDone) {
    return (
      <CardPage key="done" title="Thank you" intro={done[linkKindOf(token)]}>
        <Link href={pagePaths.account} className="button button-primary">
          To your account
        </Link>
      </CardPage>
    );
  }
  if (submission.problem === undefined) return <Loading />;
  return (
    <CardPage key="failed" title="That did not work">
      <ProblemSummary submission={submission}>
        <p>Sign in, and we send you a new link if you still need one.</p>
      </ProblemSummary>
      <Link href={pagePaths.signIn} className="button">
        To sign in
      </Link>
    </CardPage>
  );
}
