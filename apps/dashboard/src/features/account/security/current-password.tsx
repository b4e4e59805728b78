// Asks for the password before something that whoever found this browser open must not do.

import { PasswordField } from "../../../ui/password-field.tsx";

export function CurrentPassword() {
  return <PasswordField name="password" label="Your password" autoComplete="current-password" />;
}
