// The problem above a form: it takes the focus, so that nobody who cannot see it goes on without it.

import { useEffect, useRef } from "react";
import type { Problem } from "./problem.ts";

export function ProblemSummary({ problem }: { readonly problem: Problem | undefined }) {
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) summary.current?.focus();
  }, [problem]);
  if (problem === undefined) return null;
  return (
    <div className="notice notice-problem" role="alert" tabIndex={-1} ref={summary} data-code={problem.code}>
      <p>{problem.text}</p>
    </div>
  );
}
