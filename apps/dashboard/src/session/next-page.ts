// Where to go once somebody is signed in: the page that sent them here, when it is one of ours.

import { pagePaths } from "@fluxstudio/admin-api/pages";

const parameter = "next";

/** The address of the sign-in page that leads back to `path`. */
export function signInPathFor(path: string): string {
  return `${pagePaths.signIn}?${new URLSearchParams({ [parameter]: path })}`;
}

/**
 * Returns a whole address, because a path alone may begin with two slashes and then names another host.
 * @param search the query of the sign-in page, which anybody may have written: only an address of this origin counts
 */
export function nextPage(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get(parameter) ?? "";
  const url = wanted.startsWith("/") ? URL.parse(wanted, origin) : null;
  return url?.origin === origin ? url.href : origin + pagePaths.account;
}

/** Loads the page anew, so that nothing of the visit before signing in stays in memory. */
export function goAfterSignIn(): void {
  window.location.assign(nextPage(window.location.search, window.location.origin));
}
