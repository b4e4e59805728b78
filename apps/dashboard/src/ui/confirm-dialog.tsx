// Asks once more before something that cannot be taken back, and stays open while it is done.

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Form } from "@base-ui/react/form";
import { type ReactNode, useState } from "react";
import { ProblemSummary } from "../problems/problem-summary.tsx";
import { type Answer, useSubmission } from "../problems/use-submission.ts";
import { SubmitButton } from "./submit-button.tsx";

interface ConfirmDialogProps {
  /** On the button that opens it. */
  readonly trigger: ReactNode;
  /** What a screen reader says instead, when the words alone do not say what it is about. */
  readonly triggerLabel?: string;
  readonly title: string;
  /** What will happen. */
  readonly description: string;
  /** On the button that does it. */
  readonly action: string;
  request(values: Record<string, string>): Promise<Answer<unknown>>;
  onDone(): void;
  /** Fields to fill in first. */
  readonly children?: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
      <AlertDialog.Trigger className="button button-quiet-danger" aria-label={props.triggerLabel}>
        {props.trigger}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title className="dialog-title">{props.title}</AlertDialog.Title>
          <AlertDialog.Description className="intro">{props.description}</AlertDialog.Description>
          <ConfirmForm {...props} onClose={() => setOpen(false)} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function ConfirmForm({
  action,
  request,
  onDone,
  onClose,
  children,
}: ConfirmDialogProps & { onClose(): void }) {
  const submission = useSubmission();
  const confirm = async (values: Record<string, string>) => {
    if (!(await submission.send(() => request(values)))) return;
    onClose();
    onDone();
  };
  return (
    <Form onFormSubmit={confirm} errors={submission.fieldErrors} className="form">
      <ProblemSummary submission={submission} />
      {children}
      <div className="actions">
        <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
        <SubmitButton submission={submission} isDangerous>
          {action}
        </SubmitButton>
      </div>
    </Form>
  );
}
