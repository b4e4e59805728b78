// Two requests that want one free address at the same time: the database lets one have it, and here the other hears why.

import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, isAPIError, signUpEmail, verifyEmail } from "better-auth/api";
import { isTaken } from "../database/taken.ts";

const taken = {
  code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
  message: "There is an account with this address.",
};

/**
 * Better Auth asks whether an address is free, and takes it later: only the database's unique index is exact. It lets the
 * refusal of the index pass at a change of address, and calls it no more than a failure at a sign-up.
 */
export function addressRaces() {
  const signUp = signUpEmail();
  return {
    id: "flux-address-races",
    endpoints: {
      signUpEmail: Object.assign(
        (...input: Parameters<typeof signUp>) =>
          signUp(...input).catch((error: unknown) => {
            if (!isAPIError(error) || error.body?.code !== "FAILED_TO_CREATE_USER") throw error;
            // Whoever comes second now finds an account there, and is answered as if he had come a moment later.
            return signUp(...input);
          }),
        signUp,
      ),
      verifyEmail: Object.assign(
        (...input: Parameters<typeof verifyEmail>) =>
          verifyEmail(...input).catch((error: unknown) => {
            if (isTaken(error)) throw refusal(input[0] as unknown as GenericEndpointContext);
            throw error;
          }),
        verifyEmail,
      ),
    },
  } satisfies BetterAuthPlugin;
}

/** A browser that is led somewhere afterwards is led there with the code, as Better Auth does with its own refusals. */
function refusal(ctx: GenericEndpointContext): APIError {
  const next: unknown = ctx.query?.callbackURL;
  const url = typeof next === "string" && next !== "" ? URL.parse(next, ctx.context.baseURL) : null;
  if (url === null) return new APIError("UNPROCESSABLE_ENTITY", taken);
  url.searchParams.set("error", taken.code);
  const location = String(next).startsWith("/") ? url.href.slice(url.origin.length) : url.href;
  return new APIError("FOUND", undefined, { location });
}
