// The button that sends a form; it keeps the focus while it waits, and says that it waits.

import { Button } from "@base-ui/react/button";
import type { ReactNode } from "react";
import type { Submission } from "../problems/use-submission.ts";

interface SubmitButtonProps {
  readonly submission: Pick<Submission, "isPending" | "secondsToWait">;
  readonly isDangerous?: boolean;
  readonly children: ReactNode;
}

export function SubmitButton({ submission, isDangerous = false, children }: SubmitButtonProps) {
  const { isPending, secondsToWait } = submission;
  return (
    <Button
      type="submit"
      className={`button ${isDangerous ? "button-danger" : "button-primary"}`}
      disabled={isPending || secondsToWait > 0}
      focusableWhenDisabled
      aria-busy={isPending}
    >
      {isPending && <span className="spinner" aria-hidden="true" />}
      {children}
    </Button>
  );
}
