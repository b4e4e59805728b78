// The pages of one's own account, for whoever is signed in; everybody else signs in first.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import "../styles/account.css";
import { authClient } from "../auth-client.ts";
import { AccountLayout } from "../features/account/account-layout.tsx";
import { EventsSection } from "../features/account/activity/events-section.tsx";
import { DeleteSection } from "../features/account/data/delete-section.tsx";
import { ExportSection } from "../features/account/data/export-section.tsx";
import { DevicesSection } from "../features/account/devices/devices-section.tsx";
import { EverywhereSection } from "../features/account/devices/everywhere-section.tsx";
import { EmailSection } from "../features/account/profile/email-section.tsx";
import { ProfileSection } from "../features/account/profile/profile-section.tsx";
import { PasskeysSection } from "../features/account/security/passkeys-section.tsx";
import { PasswordSection } from "../features/account/security/password-section.tsx";
import { TwoFactorSection } from "../features/account/security/two-factor-section.tsx";
import { signInPathFor } from "../session/next-page.ts";
import { Loading } from "../ui/loading.tsx";

/** A refusal is an answer, and asking again would only count as one more attempt. */
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });

export function AccountPage() {
  const { data, isPending } = authClient.useSession();
  const [location] = useLocation();
  if (data === null) return isPending ? <Loading /> : <Redirect to={signInPathFor(location)} replace />;
  const { user } = data;
  const page = (title: string, children: ReactNode) => (
    <AccountLayout key={title} title={title} email={user.email}>
      {children}
    </AccountLayout>
  );
  return (
    <QueryClientProvider client={queryClient}>
      <Switch>
        <Route path={pagePaths.accountSecurity}>
          {page(
            "Security",
            <>
              <PasswordSection email={user.email} />
              <TwoFactorSection isOn={user.twoFactorEnabled === true} />
              <PasskeysSection />
            </>,
          )}
        </Route>
        <Route path={pagePaths.accountDevices}>
          {page(
            "Devices",
            <>
              <DevicesSection />
              <EverywhereSection />
            </>,
          )}
        </Route>
        <Route path={pagePaths.accountActivity}>{page("Activity", <EventsSection />)}</Route>
        <Route path={pagePaths.account}>
          {page(
            "Your account",
            <>
              <ProfileSection name={user.name} />
              <EmailSection email={user.email} isVerified={user.emailVerified} />
              <ExportSection />
              <DeleteSection />
            </>,
          )}
        </Route>
      </Switch>
    </QueryClientProvider>
  );
}
