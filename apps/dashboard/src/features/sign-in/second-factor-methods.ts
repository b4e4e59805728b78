// What will do as a second factor: for the sign-in that waits, or for the account that is signed in.

import { useEffect, useState } from "react";
import { authClient } from "../../auth-client.ts";
import type { Answer } from "../../problems/use-submission.ts";

export type SecondFactorMethod = "totp" | "passkey";

export async function askForMethods(): Promise<Answer<readonly SecondFactorMethod[]>> {
  const { data, error } = await authClient.$fetch<{ methods: readonly SecondFactorMethod[] }>(
    "/second-factor",
    { method: "GET" },
  );
  return error === null ? { data: data.methods, error } : { data: null, error };
}

/** Undefined until the server has said it; without an answer both are worth a try, and the try says what is wrong. */
export function useSecondFactorMethods(): readonly SecondFactorMethod[] | undefined {
  const [methods, setMethods] = useState<readonly SecondFactorMethod[]>();
  useEffect(() => {
    let isGone = false;
    const show = (found: readonly SecondFactorMethod[] | null) => {
      if (!isGone) setMethods(found ?? ["totp", "passkey"]);
    };
    askForMethods().then(
      ({ data }) => show(data),
      () => show(null),
    );
    return () => {
      isGone = true;
    };
  }, []);
  return methods;
}
