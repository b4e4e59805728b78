// Whether an account has a password at all: one that is opened elsewhere or with passkeys may have none.

import { useQuery } from "@tanstack/react-query";
import { authClient } from "../../auth-client.ts";
import { load } from "./load.ts";

/** True until the server says otherwise, which is so for most. */
export function useHasPassword(): boolean {
  const { data } = useQuery({ queryKey: ["accounts"], queryFn: () => load(authClient.listAccounts()) });
  return data === undefined || data.some(({ providerId }) => providerId === "credential");
}
