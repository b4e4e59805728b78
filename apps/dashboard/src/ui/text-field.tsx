// A labelled line of text with its hint and its error, tied together for screen readers.

import { Field } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";

interface TextFieldProps extends Omit<ComponentProps<typeof Field.Control>, "className"> {
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  /** What to say when nothing was written. @default "Please fill this in." */
  readonly missing?: string;
  /** Inside the box, at its end. */
  readonly trailing?: ReactNode;
}

export function TextField({ name, label, hint, missing, trailing, ...control }: TextFieldProps) {
  return (
    <Field.Root name={name} className="field">
      <Field.Label className="field-label">{label}</Field.Label>
      <div className="field-box">
        <Field.Control {...control} className="field-input" />
        {trailing}
      </div>
      {hint !== undefined && <Field.Description className="field-hint">{hint}</Field.Description>}
      <Field.Error className="field-error" match="valueMissing">
        {missing ?? "Please fill this in."}
      </Field.Error>
      <Field.Error className="field-error" match="typeMismatch">
        That does not look like an e-mail address, such as name@example.com.
      </Field.Error>
      <Field.Error className="field-error" match="tooShort">
        That is too short.
      </Field.Error>
      <Field.Error className="field-error" match="customError" />
    </Field.Root>
  );
}
