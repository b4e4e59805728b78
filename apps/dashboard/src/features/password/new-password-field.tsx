// A new password, and how well it would hold, said while it is written.

import { lazy, Suspense, useDeferredValue, useState } from "react";
import { PasswordField } from "../../ui/password-field.tsx";
import { useSignInOptions } from "../sign-in/sign-in-options.ts";

// Its word lists are larger than all pages together.
const StrengthMeter = lazy(async () => ({ default: (await import("./strength-meter.tsx")).StrengthMeter }));

interface NewPasswordFieldProps {
  /** @default "Password" */
  readonly label?: string;
}

export function NewPasswordField({ label = "Password" }: NewPasswordFieldProps) {
  const { minPasswordLength } = useSignInOptions();
  const [password, setPassword] = useState("");
  const settled = useDeferredValue(password);
  return (
    <div className="field">
      <PasswordField
        name="password"
        label={label}
        autoComplete="new-password"
        hint={`At least ${minPasswordLength} characters. A few words that only you would put together are good.`}
        minLength={minPasswordLength}
        onValueChange={setPassword}
      />
      {/* There before the meter is: what moves a button away from under a finger takes the press from it. */}
      <div className="strength-room">
        {settled !== "" && (
          <Suspense fallback={null}>
            <StrengthMeter password={settled} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
