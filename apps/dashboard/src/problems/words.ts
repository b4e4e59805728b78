// The server's codes in words for people: what happened, and what to do next. None of them says whether an account exists.

interface Words {
  readonly text: string;
  readonly field?: string;
}

const newPassword = "password";

export const words: { readonly [code: string]: Words } = {
  FAILED: { text: "That did not work. Please check what you wrote and try again." },
  INTERNAL: { text: "Something went wrong on our side. Please try again in a moment." },
  OFFLINE: { text: "The server cannot be reached. Check your connection and try again." },
  BLOCKED: { text: "Too many attempts came from your network, so it has to wait before it can try again." },
  THROTTLED: { text: "That was too fast. Please wait a moment before you try again." },
  BUSY: { text: "Many people are signing in right now. Please try again in a few seconds." },
  UNAVAILABLE: {
    text: "Signing in is not possible for the moment. It is not your fault; please try again soon.",
  },
  CSRF: { text: "This page is not allowed to do that. Open the site again from its own address." },
  UNAUTHORIZED: { text: "You have been signed out. Please sign in again." },
  INVALID_EMAIL_OR_PASSWORD: {
    text: "This e-mail address and password do not go together. Check both, or choose a new password by mail.",
  },
  INVALID_EMAIL: { text: "That does not look like an e-mail address.", field: "email" },
  INVALID_PASSWORD: { text: "That is not your current password.", field: "currentPassword" },
  PASSWORD_TOO_SHORT: { text: "Please choose a longer password.", field: newPassword },
  PASSWORD_TOO_LONG: { text: "Please choose a shorter password.", field: newPassword },
  INVALID_FIELD: { text: "One of the fields is too long or has characters that are not allowed." },
};
