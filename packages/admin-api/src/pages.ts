// The addresses of the pages that people see: the server serves them, the app shows them, mails lead to them.

export const pagePaths = {
  home: "/",
  signIn: "/sign-in",
  signUp: "/sign-up",
  verifyEmail: "/verify-email",
  forgotPassword: "/forgot-password",
  resetPassword: "/reset-password",
  /** "This wasn't me", out of the mail about a new device. */
  notMe: "/not-me",
  /** Ends the wait of an account that was guessed at, out of the mail about it. */
  unlock: "/unlock",
  /** The last step of deleting one's account, out of the mail about it. */
  deleteAccount: "/delete-account",
  account: "/account",
  accountSecurity: "/account/security",
  accountDevices: "/account/devices",
  accountActivity: "/account/activity",
} as const;
