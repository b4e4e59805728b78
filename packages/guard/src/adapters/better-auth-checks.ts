// Which endpoints of Better Auth check a secret, whose it is, and which answers call it wrong.

export interface SecretCheck {
  /**
   * How the account is known before the check: by the body's e-mail, the open session, the sign-in that waits for its second
   * factor, or the passkey. `none`: failures count for the address alone. `afterwards`: a provider says who it is.
   */
  readonly account: "email" | "session" | "challenge" | "passkey" | "none" | "afterwards";
  /** Codes of the answers that say that the secret was wrong. Any other refusal is no verdict. */
  readonly wrong: readonly string[];
  /** Whether a right one signs somebody in. */
  readonly signsIn: boolean;
  /** No number of tries finds it: a passkey's signature, a provider's word. @default false */
  readonly unguessable?: boolean;
}

const ownPassword: SecretCheck = { account: "session", wrong: ["INVALID_PASSWORD"], signsIn: false };
/** Links go to owners who may come from anywhere, and the account of a wrong one is not known. */
const mailedLink: SecretCheck = {
  account: "none",
  // A link that has expired was ours once, so it is no guess.
  wrong: ["INVALID_TOKEN"],
  signsIn: false,
};

/** By the path of the endpoint, with its parameters. */
export const secretChecks: { readonly [path: string]: SecretCheck } = {
  "/sign-in/email": { account: "email", wrong: ["INVALID_EMAIL_OR_PASSWORD"], signsIn: true },
  "/change-password": ownPassword,
  "/verify-password": ownPassword,
  "/delete-user": { ...ownPassword, wrong: ["INVALID_PASSWORD", "INVALID_TOKEN"] },
  "/delete-user/callback": mailedLink,
  "/reset-password": mailedLink,
  "/reset-password/:token": mailedLink,
  "/verify-email": mailedLink,
  "/two-factor/enable": ownPassword,
  "/two-factor/disable": ownPassword,
  "/two-factor/get-totp-uri": ownPassword,
  "/two-factor/generate-backup-codes": ownPassword,
  "/two-factor/verify-totp": { account: "challenge", wrong: ["INVALID_CODE"], signsIn: true },
  "/two-factor/verify-backup-code": { account: "challenge", wrong: ["INVALID_BACKUP_CODE"], signsIn: true },
  "/passkey/verify-authentication": {
    account: "passkey",
    wrong: ["PASSKEY_NOT_FOUND", "AUTHENTICATION_FAILED"],
    signsIn: true,
    unguessable: true,
  },
  // What a provider sends along cannot be guessed, so nothing of it is a guess.
  "/callback/:id": { account: "afterwards", wrong: [], signsIn: true, unguessable: true },
};
