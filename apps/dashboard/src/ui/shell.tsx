// What is around every page: the skip link, the name of the product, and the place for the page itself.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Logo } from "./logo.tsx";

export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="site-header">
        <Link href={pagePaths.home} className="brand">
          <Logo />
          Flux Studio
        </Link>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
