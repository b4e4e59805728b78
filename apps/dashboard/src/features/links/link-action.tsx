// What a mailed link does, after a click: programs that look into mails follow links, and must not do it.

import { Form } from "@base-ui/react/form";
import type { ReactNode } from "react";
import { ProblemSummary } from "../../problems/problem-summary.tsx";
import { type Answer, useSubmission } from "../../problems/use-submission.ts";
import { SubmitButton } from "../../ui/submit-button.tsx";

interface LinkActionProps {
  request(): Promise<Answer<unknown>>;
  onDone(): void;
  readonly isDangerous?: boolean;
  /** What the button says. */
  readonly children: ReactNode;
}

export function LinkAction({ request, onDone, isDangerous = false, children }: LinkActionProps) {
  const submission = useSubmission();
  const act = async () => {
    if (await submission.send(request)) onDone();
  };
  return (
    <Form onFormSubmit={act} className="form">
      <ProblemSummary submission={submission} />
      <SubmitButton submission={submission} isDangerous={isDangerous}>
        {children}
      </SubmitButton>
    </Form>
  );
}
