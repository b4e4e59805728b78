// The address without a path: leads on to the account, or to where one signs in.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Redirect } from "wouter";
import { authClient } from "../auth-client.ts";
import { Loading } from "../ui/loading.tsx";

export function HomePage() {
  const { data, isPending } = authClient.useSession();
  if (isPending) return <Loading />;
  return <Redirect to={data ? pagePaths.account : pagePaths.signIn} replace />;
}
