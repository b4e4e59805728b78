// The problem above a form: it takes the focus, so that nobody who cannot see it goes on without it.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import { signInPathFor } from "../session/next-page.ts";
import { Countdown } from "./countdown.tsx";
import type { Submission } from "./use-submission.ts";

/** What signing in once more mends. */
const needsSignIn = ["UNAUTHORIZED", "SESSION_EXPIRED", "SESSION_NOT_FRESH"];

interface ProblemSummaryProps {
  readonly submission: Submission;
  /** What else one can do, below the problem. */
  readonly children?: ReactNode;
}

export function ProblemSummary({ submission, children }: ProblemSummaryProps) {
  const { problem, secondsToWait } = submission;
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) summary.current?.focus();
  }, [problem]);
  if (problem === undefined) return null;
  return (
    <div className="notice notice-problem" tabIndex={-1} ref={summary} data-code={problem.code}>
      <p role="alert">{problem.text}</p>
      {problem.retryAt !== undefined && <Countdown seconds={secondsToWait} end={problem.retryAt} />}
      {needsSignIn.includes(problem.code) && window.location.pathname !== pagePaths.signIn && (
        <Link href={signInPathFor(window.location.pathname)}>Sign in again</Link>
      )}
      {children}
    </div>
  );
}
