// The ways of signing in that this server offers.

import { useEffect, useState } from "react";
import { authClient } from "../../auth-client.ts";

export interface SignInOptions {
  readonly password: boolean;
  readonly passkey: boolean;
  /** Where people may have an account already. */
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly minPasswordLength: number;
}

/** What every server has; shown until it says more. */
const least: SignInOptions = { password: true, passkey: false, providers: [], minPasswordLength: 8 };

export function useSignInOptions(): SignInOptions {
  const [options, setOptions] = useState(least);
  useEffect(() => {
    let isGone = false;
    void askForOptions().then((found) => {
      if (!isGone) setOptions(found);
    });
    return () => {
      isGone = true;
    };
  }, []);
  return options;
}

async function askForOptions(): Promise<SignInOptions> {
  try {
    const { data } = await authClient.$fetch<Partial<SignInOptions>>("/sign-in-options", { method: "GET" });
    return { ...least, ...data };
  } catch {
    // Without an answer, the password is still worth a try.
    return least;
  }
}
