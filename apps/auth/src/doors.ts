// The doors: which requests take a credential. Everything under /api/auth does, unless it is listed here as open.

/** Endpoints that take no password, code or token in exchange for anything; a session cookie alone is no guessable credential. */
const openPaths: readonly string[] = [
  "/me",
  "/get-session",
  "/list-sessions",
  "/list-accounts",
  "/account-info",
  "/ok",
  "/error",
  "/sign-out",
  "/logout",
  "/update-user",
  "/update-session",
  "/revoke-session",
  "/revoke-sessions",
  "/revoke-other-sessions",
  "/unlink-account",
];

/** Names for what operators see most; any other door is `other`. */
const names: { readonly [path: string]: string } = {
  "/login": "sign-in",
  "/sign-in/email": "sign-in",
  "/signup": "sign-up",
  "/sign-up/email": "sign-up",
  "/change-password": "change-password",
  "/verify-password": "verify-password",
  "/request-password-reset": "reset",
  "/reset-password": "reset",
};

const base = "/api/auth";

/** Any method and any answer: whoever asks a door, even with the wrong method, is counted. */
export function doorOf(_method: string, path: string): string | undefined {
  if (!path.startsWith(`${base}/`)) return undefined;
  const rest = path.slice(base.length);
  if (openPaths.includes(rest)) return undefined;
  return Object.hasOwn(names, rest) ? names[rest] : "other";
}
