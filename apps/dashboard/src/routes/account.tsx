// The page of one's own account.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { Redirect } from "wouter";
import { authClient } from "../auth-client.ts";
import { signInPathFor } from "../session/next-page.ts";
import { Loading } from "../ui/loading.tsx";
import { CardPage } from "../ui/page.tsx";

export function AccountPage() {
  const { data, isPending } = authClient.useSession();
  if (isPending) return <Loading />;
  if (data === null) return <Redirect to={signInPathFor(pagePaths.account)} replace />;
  const signOut = async () => {
    await authClient.signOut();
    window.location.assign(pagePaths.signIn);
  };
  return (
    <CardPage title="Your account" intro={`Signed in as ${data.user.email}.`}>
      <button type="button" className="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </CardPage>
  );
}
