// The button that sends a form; it keeps the focus while it waits, and says that it waits.

import { Button } from "@base-ui/react/button";
import type { ReactNode } from "react";

interface SubmitButtonProps {
  readonly isPending: boolean;
  /** While it may not be sent for another reason, such as a wait. */
  readonly isDisabled?: boolean;
  readonly children: ReactNode;
}

export function SubmitButton({ isPending, isDisabled = false, children }: SubmitButtonProps) {
  return (
    <Button
      type="submit"
      className="button button-primary"
      disabled={isPending || isDisabled}
      focusableWhenDisabled
      aria-busy={isPending}
    >
      {isPending && <span className="spinner" aria-hidden="true" />}
      {children}
    </Button>
  );
}
