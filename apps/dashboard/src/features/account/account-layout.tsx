// What the account pages have in common: who is signed in, the way between the pages, signing out.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { authClient } from "../../auth-client.ts";
import { usePageHeading } from "../../ui/page.tsx";

const pages = [
  { path: pagePaths.account, name: "Profile" },
  { path: pagePaths.accountSecurity, name: "Security" },
  { path: pagePaths.accountDevices, name: "Devices" },
  { path: pagePaths.accountActivity, name: "Activity" },
];

interface AccountLayoutProps {
  readonly title: string;
  readonly email: string;
  readonly children: ReactNode;
}

export function AccountLayout({ title, email, children }: AccountLayoutProps) {
  const heading = usePageHeading(title);
  const [location] = useLocation();
  const signOut = async () => {
    await authClient.signOut();
    // Loads anew, so that nothing of the account stays in memory.
    window.location.assign(pagePaths.signIn);
  };
  return (
    <div className="account">
      <div className="account-bar">
        <p className="account-who">
          Signed in as <strong>{email}</strong>
        </p>
        <button type="button" className="button button-small" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
      <nav aria-label="Your account" className="account-nav">
        <ul>
          {pages.map(({ path, name }) => (
            <li key={path}>
              <Link href={path} aria-current={path === location ? "page" : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
