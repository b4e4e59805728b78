// One form that is being sent: whether it is under way, and what went wrong.

import { useState } from "react";
import { type Problem, toProblem } from "./problem.ts";
import { words } from "./words.ts";

/** How Better Auth's client answers. */
export interface Answer<Data> {
  readonly data: Data | null;
  readonly error: { readonly code?: string | undefined; readonly status: number } | null;
}

export interface Submission {
  readonly isPending: boolean;
  readonly problem: Problem | undefined;
  /** Sends once at a time; the data when the server said yes, else undefined, and then there is a problem. */
  send<Data>(request: () => Promise<Answer<Data>>): Promise<{ readonly data: Data } | undefined>;
  clear(): void;
}

export function useSubmission(): Submission {
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  return {
    isPending,
    problem,
    clear: () => setProblem(undefined),
    async send(request) {
      if (isPending) return undefined;
      setPending(true);
      setProblem(undefined);
      try {
        const { data, error } = await request();
        if (error === null) return { data: data as NonNullable<typeof data> };
        setProblem(toProblem(error, Date.now()));
      } catch {
        // The client throws only when there was no answer at all.
        setProblem({ code: "OFFLINE", text: words.OFFLINE?.text ?? "" });
      } finally {
        setPending(false);
      }
      return undefined;
    },
  };
}
