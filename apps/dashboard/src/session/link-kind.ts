// What a link that confirms an address is for, as it says itself: it decides only what the page says.

export type LinkKind = "sign-up" | "change-asked" | "change-done";

/** @param token signed by the server, which checks it; here it is only read */
export function linkKindOf(token: string): LinkKind {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { requestType } = JSON.parse(atob(payload));
    if (requestType === "change-email-confirmation") return "change-asked";
    if (requestType === "change-email-verification") return "change-done";
  } catch {
    // The server says what is wrong with it.
  }
  return "sign-up";
}
