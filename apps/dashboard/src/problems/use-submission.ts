// One form that is being sent: whether it is under way, what went wrong, and how long it has to wait.

import { useState } from "react";
import { useSecondsUntil } from "./countdown.tsx";
import { offline, type Problem, type ServerError, toProblem } from "./problem.ts";

/** How Better Auth's client answers. */
export interface Answer<Data> {
  readonly data: Data | null;
  readonly error: ServerError | null;
}

export interface Submission {
  readonly isPending: boolean;
  readonly problem: Problem | undefined;
  /** 0 when it may be sent. */
  readonly secondsToWait: number;
  /** For a form's fields: the problem of the one that has to be mended. */
  readonly fieldErrors: Readonly<Record<string, string>>;
  /** Sends once at a time; the data when the server said yes, else undefined, and then there is a problem. */
  send<Data>(request: () => Promise<Answer<Data>>): Promise<{ readonly data: Data } | undefined>;
  fail(problem: Problem | undefined): void;
}

/** @param initial what went wrong before this page was there */
export function useSubmission(initial?: Problem): Submission {
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState(initial);
  const secondsToWait = useSecondsUntil(problem?.retryAt);
  return {
    isPending,
    problem,
    secondsToWait,
    fieldErrors: problem?.field === undefined ? {} : { [problem.field]: problem.text },
    fail: setProblem,
    async send<Data>(request: () => Promise<Answer<Data>>) {
      if (isPending) return undefined;
      setPending(true);
      setProblem(undefined);
      try {
        const { data, error } = await request();
        if (error === null) return { data: data as Data };
        setProblem(toProblem(error, Date.now()));
      } catch {
        // The client throws only when there was no answer at all.
        setProblem(offline);
      } finally {
        setPending(false);
      }
      return undefined;
    },
  };
}
