// Sign-in with accounts elsewhere, through OpenID Connect (authorization code, PKCE, state, nonce, verified ID tokens).

import type { Logger } from "@fluxstudio/telemetry";
import type { AuthContext, BetterAuthOptions, BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { type GenericOAuthConfig, genericOAuth } from "better-auth/plugins/generic-oauth";
import { boundAnswers, within } from "./provider-answers.ts";
import { boundDiscovery } from "./provider-discovery.ts";
import type { ProviderSettings } from "./provider-settings.ts";

export interface ProviderWaits {
  /** How long the start waits for providers; those that take longer are asked again when somebody needs them. */
  readonly discoveryMs: number;
  /** How long one answer is waited for when somebody comes back from a provider. */
  readonly answerMs: number;
}

export interface ProviderOptions {
  readonly providers: readonly ProviderSettings[];
  readonly logger: Pick<Logger, "error">;
  /** @default { discoveryMs: 3_000, answerMs: 5_000 } */
  readonly waits?: ProviderWaits | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The endpoints that only make sense with a provider. */
export const providerEndpoints: readonly string[] = ["/sign-in/social", "/link-social"];

/** As long as Better Auth keeps a state. */
const stateMs = 600_000;

const callbackPath = "/callback/:id";

/** What a sign-in may ask for; the rest of what Better Auth takes would change what is asked of the provider. */
const fields = new Set([
  "provider",
  "callbackURL",
  "errorCallbackURL",
  "newUserCallbackURL",
  "disableRedirect",
]);

export function providerPlugins({
  providers,
  logger,
  now,
  waits = { discoveryMs: 3_000, answerMs: 5_000 },
}: ProviderOptions): BetterAuthPlugin[] {
  if (providers.length === 0) return [];
  const { discoveryMs, answerMs } = waits;
  const config = providers.map(toConfig);
  const plugin = genericOAuth({ config });
  const init = (ctx: AuthContext) => {
    // Better Auth asks those in this list again when somebody needs them.
    const genericOAuthPendingDiscovery = new Map(config.map((one) => [one.providerId, one]));
    const { socialProviders } = ctx;
    // A provider that does not answer must not keep this server from starting.
    return within(plugin.init(ctx), discoveryMs, {
      context: { socialProviders, genericOAuthPendingDiscovery },
    });
  };
  const before = plugin.hooks.before.map((retry) => boundDiscovery(retry, { discoveryMs, now }));
  return [{ ...plugin, init, hooks: { before } }, checks(providers, logger, answerMs)];
}

function toConfig({ id, name, issuer, clientId, clientSecret }: ProviderSettings): GenericOAuthConfig {
  return {
    providerId: id,
    name,
    discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId,
    scopes: ["openid", "email", "profile"],
    pkce: true,
    requireIdTokenVerification: true,
    disableProviderLogout: true,
    // RFC 6749, 2.3.1: what every server takes.
    ...(clientSecret === undefined ? {} : { clientSecret, authentication: "basic" }),
  };
}

function checks(providers: readonly ProviderSettings[], logger: Pick<Logger, "error">, answerMs: number) {
  const issuers = new Map(providers.map(({ id, issuer }) => [id, issuer]));

  /** OpenID Connect Discovery, 4.3: the issuer in the document is the one that was asked, or another one speaks for it. */
  function requireIssuer(ctx: GenericEndpointContext, id: unknown): void {
    const found = ctx.context.socialProviders.find((one) => one.id === id);
    if (!found || found.issuer === issuers.get(found.id)) return;
    logger.error(
      { provider: found.id, issuer: found.issuer },
      "A provider calls itself something else than OIDC_PROVIDERS says",
    );
    throw new APIError("BAD_REQUEST", {
      code: "PROVIDER_MISCONFIGURED",
      message: "This provider cannot be used at the moment.",
    });
  }

  return {
    id: "flux-providers",
    init: () => ({
      options: {
        databaseHooks: {
          user: { create: { before: requireVerifiedEmail } },
          account: {
            // Who somebody is was all that was wanted: a token that is not kept cannot be stolen here.
            create: {
              before: async (account) => ({
                data: { ...account, accessToken: null, refreshToken: null, idToken: null },
              }),
            },
          },
        },
      } satisfies BetterAuthOptions,
    }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => providerEndpoints.includes(path ?? ""),
          handler: createAuthMiddleware(async (ctx) => {
            const odd = Object.keys(ctx.body ?? {}).find((field) => !fields.has(field));
            // An ID token that was sent to somebody's page is no proof that its owner is here (no nonce of ours is in it).
            if (odd !== undefined) {
              throw new APIError("BAD_REQUEST", {
                code: "INVALID_FIELD",
                message: `${odd.slice(0, 50)}: nothing to give here.`,
              });
            }
            requireIssuer(ctx, ctx.body?.provider);
          }),
        },
        {
          matcher: ({ path }) => path === callbackPath,
          handler: createAuthMiddleware(async (ctx) => {
            requireIssuer(ctx, ctx.params?.id);
            // Here, as one that did not answer at the start is in the list only now.
            for (const provider of ctx.context.socialProviders) boundAnswers(provider, answerMs);
            await takeState(ctx);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/**
 * Better Auth looks a state up and deletes it later: requests side by side would all go on with it, and a provider that sees a
 * code twice ends what came of it (RFC 6749, 4.1.2). So of those that may use it one takes it first, in one statement.
 */
async function takeState(ctx: GenericEndpointContext): Promise<void> {
  const state: unknown = ctx.query?.state;
  if (typeof state !== "string" || ctx.method !== "GET") return;
  const { context } = ctx;
  const { name } = context.createAuthCookie("state");
  // Whoever has not left from here with it hears so from Better Auth.
  if ((await ctx.getSignedCookie(name, context.secret)) !== state) return;
  const identifier = `provider-state:${state}`;
  const expiresAt = new Date(Date.now() + stateMs);
  if (await context.internalAdapter.reserveVerificationValue({ identifier, value: "taken", expiresAt }))
    return;
  const page = new URL(context.options.onAPIError?.errorURL ?? context.baseURL);
  page.searchParams.set("error", "state_mismatch");
  throw ctx.redirect(page.href);
}

/**
 * An address that the provider has not verified may be anybody's: an account made with it would wait for its owner, with
 * somebody else's way in (see `takeOver` in account-flows.ts). For accounts that are there already Better Auth itself asks
 * that the address be verified on both sides.
 */
async function requireVerifiedEmail(
  user: { readonly emailVerified: boolean },
  context: GenericEndpointContext | null,
): Promise<void> {
  if (context?.path !== callbackPath || user.emailVerified) return;
  throw new APIError("FORBIDDEN", {
    code: "email_not_verified",
    message: "The provider does not vouch for the address.",
  });
}
