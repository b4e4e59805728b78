// What the sign-in pages have to know before anybody has signed in. The same for everybody, so it may be kept.

import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import type { AccountOptions } from "./accounts.ts";

const cacheSeconds = 60;

export function signInOptions(
  options: Pick<AccountOptions, "passwords" | "verificationRequired" | "providers">,
) {
  const { passwords, verificationRequired, providers } = options;
  const answer = {
    password: true,
    passkey: true,
    providers: providers.map(({ id, name }) => ({ id, name })),
    emailVerification: verificationRequired ? "required" : "optional",
    minPasswordLength: passwords.minLength,
  };
  return {
    id: "flux-sign-in-options",
    endpoints: {
      signInOptions: createAuthEndpoint("/sign-in-options", { method: "GET" }, async (ctx) => {
        ctx.setHeader("cache-control", `public, max-age=${cacheSeconds}`);
        return ctx.json(answer);
      }),
    },
  } satisfies BetterAuthPlugin;
}
