// The server's codes in words for people: what happened, and what to do next. None of them says whether an account exists.

interface Words {
  readonly text: string;
  /** The field that has to be mended. */
  readonly field?: string;
}

interface Always {
  readonly FAILED: Words;
  readonly INTERNAL: Words;
  readonly OFFLINE: Words;
}

const always: Always = {
  FAILED: { text: "That did not work. Please check what you wrote and try again." },
  INTERNAL: { text: "Something went wrong on our side. Please try again in a moment." },
  OFFLINE: { text: "The server cannot be reached. Check your connection and try again." },
};

const linkOver = "This link does not work any more: it was used already, or it is too old.";
const noAnswer = "They did not answer as they should. Please try again, or choose another way to sign in.";
const crossed = "Two sign-ins came at the same moment. Please try again.";
const wrongCode = "This code is not right, or it is used up. Wait for the next one and try again.";

/** By the server's code; `FAILED` is for those that nobody foresaw, `OFFLINE` for no answer at all. */
export const words: Always & { readonly [code: string]: Words | undefined } = {
  ...always,
  BLOCKED: {
    text: "Too many attempts came from your network, so nobody there can sign in, sign up or ask for a new password for a while. Nothing is wrong with your account. Wait, use another network, or sign in on a device that has signed in to your account before.",
  },
  THROTTLED: { text: "That was too fast. Please wait a moment before you try again." },
  BUSY: { text: "Many people are signing in right now. Please try again in a few seconds." },
  UNAVAILABLE: {
    text: "This is not possible for the moment. It is not your fault; please try again soon.",
  },
  CHALLENGE_REQUIRED: { text: "This looks like a program to us. Please try again from your usual browser." },
  STEP_UP_REQUIRED: {
    text: "There were too many wrong passwords for this account, one after the other. Sign in on a device that you have used before, with a passkey, or with the link that we have mailed to its owner. A new password by mail gets you in, too.",
  },
  CSRF: { text: "This page is not allowed to do that. Open the site again from its own address." },
  UNAUTHORIZED: { text: "You have been signed out. Please sign in again." },
  SESSION_NOT_FRESH: { text: "You signed in some time ago. Please sign in again to do this." },
  SESSION_EXPIRED: { text: "You have been signed out. Please sign in again." },

  INVALID_EMAIL_OR_PASSWORD: {
    text: "This e-mail address and password do not go together. Check both, or choose a new password by mail.",
  },
  EMAIL_NOT_VERIFIED: {
    text: "Please confirm your e-mail address first: we have just sent you a mail with the link.",
  },
  INVALID_EMAIL: { text: "That does not look like an e-mail address.", field: "email" },
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: {
    text: "There is an account with this e-mail address already. Sign in, or use another address.",
    field: "email",
  },
  TOO_LARGE: { text: "That is more than can be sent. Please write less." },
  INVALID: { text: "Something in that was not as it has to be. Please check it and try again." },
  NOT_FOUND: { text: "This is not there any more. Load the page again to see what is." },
  INVALID_FIELD: { text: "One of the fields is too long or has characters that are not allowed." },

  INVALID_PASSWORD: { text: "That is not your current password.", field: "currentPassword" },
  PASSWORD_TOO_SHORT: { text: "Please choose a longer password.", field: "password" },
  PASSWORD_TOO_LONG: { text: "Please choose a shorter password.", field: "password" },
  PASSWORD_CONTAINS_EMAIL: {
    text: "Please choose a password without your e-mail address in it.",
    field: "password",
  },
  PASSWORD_COMMON: {
    text: "This password is among the first that attackers try. Please choose another.",
    field: "password",
  },
  PASSWORD_BREACHED: {
    text: "This password was in a data breach elsewhere, so attackers know it. Please choose another.",
    field: "password",
  },

  INVALID_TOKEN: { text: linkOver },
  TOKEN_EXPIRED: { text: linkOver },
  INVALID_CODE: { text: wrongCode, field: "code" },
  INVALID_BACKUP_CODE: { text: "This backup code is not right, or you have used it already.", field: "code" },
  SECOND_FACTOR_IS_ON: { text: "Your second factor is on already." },
  TOTP_ALREADY_ENABLED: { text: "Your second factor is on already." },
  LAST_SECOND_FACTOR: {
    text: "This passkey is all that is asked for after your password. Turn off the second factor first, or add an authenticator app.",
  },
  PASSKEY_MISSING: { text: "There is no passkey for this account yet. Add one first." },
  INVALID_TWO_FACTOR_COOKIE: { text: "That took too long. Please begin again with your password." },
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: {
    text: "Too many codes were wrong. Please begin again with your password.",
  },
  ACCOUNT_TEMPORARILY_LOCKED: {
    text: "Too many codes were wrong, so none is taken for a quarter of an hour. Try again then, or use a passkey.",
  },

  PROVIDER_NOT_FOUND: { text: "That way of signing in is not there any more. Please choose another." },
  PROVIDER_MISCONFIGURED: {
    text: "That way of signing in does not work at the moment. Please choose another.",
  },
  access_denied: { text: "You did not agree to signing in there. Try again, or choose another way." },
  email_not_verified: {
    text: "Your e-mail address is not confirmed there. Confirm it with them, then try again.",
  },
  email_not_found: {
    text: "They did not tell us an e-mail address that an account can have. Please choose another way.",
  },
  account_not_linked: {
    text: "There is an account here with that e-mail address. Sign in to it and confirm the address; then this way works, too.",
  },
  invalid_code: { text: noAnswer },
  issuer_mismatch: { text: noAnswer },
  unable_to_get_user_info: { text: noAnswer },
  unable_to_create_user: { text: crossed },
  unable_to_link_account: { text: crossed },
  state_mismatch: { text: "That took too long, or was begun in another browser. Please try again." },

  AUTH_CANCELLED: { text: "No passkey was used. Try again, or sign in with your password." },
  AUTHENTICATION_FAILED: { text: "This passkey does not open an account here." },
  PASSKEY_NOT_FOUND: { text: "This passkey does not open an account here." },
  INVALID_PASSKEY: { text: "This passkey could not be used. Please try again." },
  FAILED_TO_VERIFY_REGISTRATION: { text: "This passkey could not be added. Please try again." },
  CHALLENGE_NOT_FOUND: { text: "That took too long. Please try again." },
  PASSKEY_USER_NOT_VERIFIED: { text: "Please unlock the passkey with a PIN, your finger or your face." },
  ERROR_CEREMONY_ABORTED: { text: "No passkey was made. Try again whenever you like." },
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: { text: "This device has a passkey for your account already." },
  REGISTRATION_CANCELLED: { text: "No passkey was made. Try again whenever you like." },
  PREVIOUSLY_REGISTERED: { text: "This device has a passkey for your account already." },
};
