// A form that asks for the password once more, of somebody who has one, before something about signing in is changed.

import { Form } from "@base-ui/react/form";
import type { ReactNode } from "react";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { type Answer, useSubmission } from "../../../problems/use-submission.ts";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { CurrentPassword } from "./current-password.tsx";

/** Empty for somebody who signs in without a password. */
export interface Proof {
  readonly password?: string;
}

interface ProofFormProps<Data> {
  /** What the form is for, to a screen reader. */
  readonly label: string;
  /** On its button. */
  readonly action: string;
  readonly asksPassword: boolean;
  request(proof: Proof): Promise<Answer<Data>>;
  onDone(data: Data): void;
  readonly children?: ReactNode;
}

export function ProofForm<Data>(props: ProofFormProps<Data>) {
  const { label, action, asksPassword, request, onDone, children } = props;
  const submission = useSubmission();
  const submit = async (values: Proof) => {
    const done = await submission.send(() => request(proofOf(values)));
    if (done) onDone(done.data);
  };
  return (
    <Form
      onFormSubmit={submit}
      errors={passwordErrors(submission.fieldErrors)}
      className="form"
      aria-label={label}
    >
      {children}
      <ProblemSummary submission={submission} />
      {asksPassword && <CurrentPassword />}
      <SubmitButton submission={submission}>{action}</SubmitButton>
    </Form>
  );
}

export const proofOf = ({ password }: Proof): Proof => (password === undefined ? {} : { password });

/** The same code stands at a field of another name on the page that changes the password. */
function passwordErrors(errors: Readonly<Record<string, string>>): Record<string, string> {
  return errors.currentPassword === undefined ? { ...errors } : { password: errors.currentPassword };
}
