// The six digits of an authenticator app; phones and password managers fill them in by themselves.

import { TextField } from "./text-field.tsx";

interface CodeFieldProps {
  readonly label?: string;
}

export function CodeField({ label = "Code from your authenticator app" }: CodeFieldProps) {
  return (
    <TextField
      name="code"
      label={label}
      autoComplete="one-time-code"
      inputMode="numeric"
      // People copy codes with a space in the middle.
      pattern="\s*[0-9]{3}\s?[0-9]{3}\s*"
      maxLength={10}
      missing="Please write the six digits that the app shows."
      required
    />
  );
}
