// What happened to an account, in words, by the type of the server's signal and what was done about it.

const happened: { readonly [type: string]: string } = {
  "sign-in-success": "Signed in",
  "sign-in-failure": "Somebody failed to sign in",
  "sign-in-attempt": "Somebody tried to sign in",
  "sign-up": "Account created",
  "sign-out": "Signed out",
  "token-refresh": "Session renewed",
  "account-recovered": "Confirmed by mail that it was you",
  "refresh-token-repeat": "Session renewed from two places at once",
  "refresh-token-reuse": "A copied session was noticed and ended",
};

const done: { readonly [action: string]: string } = {
  lock: "Strangers have to wait before they try again",
  block: "Refused",
  delay: "Slowed down",
  challenge: "Asked for another proof",
  "step-up": "Asked for another proof",
};

export const whatHappened = (type: string): string => happened[type] ?? "Something was noticed";

export const whatWasDone = (action: string | null): string | undefined =>
  action === null ? undefined : done[action];
