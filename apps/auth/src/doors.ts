// The doors: which requests take a credential. Everything under /api/auth does, unless it is listed here with a reason.

import { secretChecks as betterAuthChecks } from "@fluxstudio/guard/better-auth";
import { ownChecks } from "./own-checks.ts";
import { shortPathTargets } from "./short-paths.ts";

const secretChecks: typeof betterAuthChecks = { ...betterAuthChecks, ...ownChecks };

interface Door {
  /** For operators; doors without one are `other`. */
  readonly name?: string;
  /** Why no secret is checked here, for doors that the guard's table of secret checks does not list. */
  readonly noSecret?: string;
}

const base = "/api/auth";
const challenge = "/passkey/generate-authenticate-options";

/** Not doors at all: a session cookie alone is no guessable credential, so whoever is signed in goes on when his address is blocked. */
const open: { readonly [path: string]: string } = {
  "/sign-in-options": "the same for everybody",
  "/me": "reads what the session may read",
  "/get-session": "reads what the session may read",
  "/list-sessions": "reads what the session may read",
  "/list-accounts": "reads what the session may read",
  "/account-info": "reads what the session may read",
  "/devices": "reads what the session may read",
  "/security-events": "reads what the session may read",
  "/export": "reads what the session may read",
  "/passkey/list-user-passkeys": "reads what the session may read",
  "/second-factor": "reads what the session, or the sign-in that waits, may read",
  "/ok": "says that the server is there",
  "/error": "shows a code",
  "/sign-out": "ends what the session may end",
  "/logout": "ends what the session may end",
  "/revoke-session": "ends what the session may end",
  "/revoke-sessions": "ends what the session may end",
  "/revoke-other-sessions": "ends what the session may end",
  "/devices/revoke": "ends what the session may end",
  "/unlink-account": "ends what the session may end",
  "/update-user": "changes a name or a picture",
  "/update-session": "changes nothing that signs in",
  "/passkey/update-passkey": "changes the name of a passkey",
  // See `isOffer`.
  [challenge]: "hands out a challenge; what is answered to it is checked at a door",
};

/**
 * Each sign-in page asks for a challenge as it opens. Counted at a door, it would halve what an office behind one address may
 * do; but whoever is blocked shall make no row in the database.
 */
export const isOffer = (_method: string, path: string): boolean => path === `${base}${challenge}`;

/** Those that need a name or a reason; all others are doors, too. */
const doors: { readonly [path: string]: Door } = {
  "/login": { name: "sign-in" },
  "/sign-in/email": { name: "sign-in" },
  "/signup": { name: "sign-up" },
  "/sign-up/email": { name: "sign-up", noSecret: "sets a password; there is none yet to compare it with" },
  "/change-password": { name: "change-password" },
  "/verify-password": { name: "verify-password" },
  "/request-password-reset": { name: "reset", noSecret: "mails a link, which is checked at /reset-password" },
  "/reset-password": { name: "reset" },
  "/refresh": {
    name: "refresh",
    noSecret: "looks the token up, and counts a wrong one, in refresh-route.ts",
  },
  "/token": { noSecret: "gives tokens to an open session, whose cookie was no guess" },
  "/not-me": { name: "not-me" },
  "/unlock": { name: "unlock" },
  "/send-verification-email": { noSecret: "mails a link, which is checked at /verify-email" },
  "/change-email": { noSecret: "mails links, which are checked at /verify-email" },
  "/sign-in/social": {
    name: "provider",
    noSecret: "leads to a provider; what comes back is checked at /callback/:id",
  },
  "/link-social": {
    noSecret: "leads whoever is signed in to a provider; what comes back is checked at /callback/:id",
  },
  "/two-factor/verify-totp": { name: "second-factor" },
  "/two-factor/verify-backup-code": { name: "second-factor" },
  "/passkey/verify-authentication": { name: "passkey" },
  "/passkey/generate-register-options": { noSecret: "hands out a challenge to whoever is signed in" },
  "/passkey/verify-registration": {
    noSecret:
      "adds a key to an open session, with a challenge that works once; no guess at it opens anything",
  },
  "/passkey/delete-passkey": { noSecret: "takes a key away from an open session's account" },
};

/** Doors with a gate of their own in front of them, and what counts their failures. */
export const ownGates: { readonly [path: string]: string } = {
  "/api/admin/security/*": "requireOperator in admin-routes.ts counts wrong tokens",
  "/metrics": "requireOperator in admin-routes.ts counts wrong tokens",
  "/performance": "performance-route.ts counts wrong tokens",
  "/api/auth/refresh": "refresh-route.ts counts wrong refresh tokens",
};

/** Any method and any answer: whoever asks a door, even with the wrong method, is counted. */
export function doorOf(_method: string, path: string): string | undefined {
  if (!path.startsWith(`${base}/`)) return undefined;
  const rest = path.slice(base.length);
  if (Object.hasOwn(open, rest)) return undefined;
  return (Object.hasOwn(doors, rest) && doors[rest]?.name) || "other";
}

/**
 * Whether a door asks again whose secret it is, and lets only a known device of that account pass a rule's block of the
 * address. At any other door the holder of some account's device cookie is a stranger.
 */
export function asksWhose(method: string, path: string): boolean {
  const rest = path.slice(base.length);
  const target =
    shortPathTargets[`${method} ${rest}`] ?? rest.replace(/^\/callback\/[^/]+$/, "/callback/:id");
  // Without the challenge there is no signature to be checked; and a refresh token says itself whose it is.
  if (target === challenge || target === "/refresh") return true;
  return Object.hasOwn(secretChecks, target) && secretChecks[target]?.account !== "none";
}

/** Why an endpoint under /api/auth is not among the guard's secret checks; by the path without /api/auth. */
export const checksNoSecret: { readonly [path: string]: string } = {
  ...open,
  ...Object.fromEntries(
    Object.entries(doors).flatMap(([path, { noSecret }]) =>
      noSecret === undefined ? [] : [[path, noSecret]],
    ),
  ),
};
