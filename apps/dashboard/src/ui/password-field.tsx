// A password that can be looked at while it is written; pasting and password managers work as in any field.

import { type ComponentProps, useState } from "react";
import { TextField } from "./text-field.tsx";

interface PasswordFieldProps extends Omit<ComponentProps<typeof TextField>, "type" | "trailing"> {
  readonly autoComplete: "current-password" | "new-password";
}

export function PasswordField(props: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const toggle = (
    <button
      type="button"
      className="field-action"
      aria-label={isShown ? "Hide the password" : "Show the password"}
      onClick={() => setShown(!isShown)}
    >
      {isShown ? "Hide" : "Show"}
    </button>
  );
  return (
    <TextField
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      required
      maxLength={128}
      {...props}
      type={isShown ? "text" : "password"}
      trailing={toggle}
    />
  );
}
