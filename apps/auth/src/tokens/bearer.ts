// A session that is named by an access token instead of a cookie.

import { TokenError, type Verifier } from "@fluxstudio/verify";
import type { GenericEndpointContext } from "better-auth";
import { APIError } from "better-auth/api";

/**
 * The session and user of `Authorization: Bearer …`; undefined without one. The session is looked up, so it counts from the
 * moment that it ended, not when its token expires.
 * @throws APIError 401 with a code of `TokenError`, or `SESSION_ENDED`
 */
export async function bearerSession(ctx: GenericEndpointContext, verifier: Verifier) {
  const [, token] = /^bearer +(\S+)$/i.exec(ctx.headers?.get("authorization") ?? "") ?? [];
  if (token === undefined) return undefined;
  const { sid } = await verifier.verify(token).catch((error: unknown) => {
    throw error instanceof TokenError && error.status === 401 ? refused(error.code, error.message) : error;
  });
  const { adapter, internalAdapter } = ctx.context;
  const row = await adapter.findOne<{ token: string }>({
    model: "session",
    where: [{ field: "id", value: sid }],
  });
  const found = row && (await internalAdapter.findSession(row.token));
  if (!found || Number(found.session.expiresAt) <= Date.now()) {
    throw refused("SESSION_ENDED", "This session has ended. Sign in again.");
  }
  return found;
}

/** RFC 6750, 3.1 */
const refused = (code: string, message: string) =>
  new APIError("UNAUTHORIZED", { code, message }, { "www-authenticate": 'Bearer error="invalid_token"' });
