// Cross-site requests: a request that changes something must prove where it comes from.

import type { MiddlewareHandler } from "hono";

/** Browsers let other sites set no such header without asking first, and this server never says yes. */
const clientHeader = "x-flux-client";
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** @param origins the origins whose pages may change things */
export function csrfMiddleware(origins: readonly string[]): MiddlewareHandler {
  const trusted = new Set(origins);
  return async (c, next) => {
    if (safeMethods.has(c.req.method)) return next();
    const origin = c.req.header("origin");
    const proven =
      origin === undefined
        ? sameOrigin(c.req.header("sec-fetch-site")) || !!c.req.header(clientHeader)
        : trusted.has(origin);
    if (proven && !foreign(origin, c.req.header("sec-fetch-site"))) return next();
    const message = `Send Origin: ${origins[0]}, or the header ${clientHeader} from a program.`;
    return c.json({ code: "CSRF", message }, 403);
  };
}

const sameOrigin = (site: string | undefined): boolean => site === "same-origin";
/** Without an Origin to judge by, what the browser itself calls cross-site stays out. */
const foreign = (origin: string | undefined, site: string | undefined): boolean =>
  origin === undefined && site !== undefined && site !== "same-origin";

/**
 * Answers what another site's page makes its visitors' browsers send (images, scripts, frames, pages fetched in advance)
 * before it is counted: otherwise any page could get its visitors blocked. Programs send no such headers, and are counted.
 */
export function foreignPageMiddleware(origins: readonly string[]): MiddlewareHandler {
  const isForeign = createForeignCheck(origins);
  return async (c, next) => {
    if (!isForeign((name) => c.req.header(name))) return next();
    return c.json({ code: "CSRF", message: "Other sites' pages have no business here." }, 403);
  };
}

type ReadHeader = (name: string) => string | undefined;

/** Makes a function that says whether a page brings a request that is none of these origins'. */
export function createForeignCheck(origins: readonly string[]): (header: ReadHeader) => boolean {
  const trusted = new Set(origins);
  return (header) => isFromElsewhere(header) && !trusted.has(header("origin") ?? "");
}

/** A person who goes somewhere opens a document; whatever else a page of elsewhere brings here is that page's doing. */
function isFromElsewhere(header: ReadHeader): boolean {
  // What a page has fetched in advance passes for the visitor's own wish: `Sec-Fetch-Site: none`.
  if (header("sec-purpose")?.startsWith("prefetch")) return true;
  const site = header("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return header("sec-fetch-mode") !== "navigate" || header("sec-fetch-dest") !== "document";
}
