// An e-mail address by which somebody signs in.

import type { ComponentProps } from "react";
import { TextField } from "./text-field.tsx";

type EmailFieldProps = Partial<Omit<ComponentProps<typeof TextField>, "type">>;

export function EmailField(props: EmailFieldProps) {
  return (
    <TextField
      name="email"
      label="E-mail address"
      autoComplete="username"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={254}
      required
      {...props}
      type="email"
    />
  );
}
