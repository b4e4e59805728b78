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
    if (!isForeign(c.req.method, (name) => c.req.header(name))) return next();
    return c.json({ code: "CSRF", message: "Other sites' pages have no business here." }, 403);
  };
}

type ReadHeader = (name: string) => string | undefined;

/** Makes a function that says whether a page brings a request that is none of these origins'. */
export function createForeignCheck(
  origins: readonly string[],
): (method: string, header: ReadHeader) => boolean {
  const trusted = new Set(origins);
  return (method, header) => isFromElsewhere(method, header) && !trusted.has(header("origin") ?? "");
}

/**
 * Whether another site's page, or a link in a mail that is read on one, leads here: served like any link, and counted as nothing.
 * Whoever claims so in vain gains no guess: what is opened by its address alone has 120 random bits or a signature.
 */
export const isBrought = (method: string, header: ReadHeader): boolean =>
  opens.has(method) && isOfElsewhere(header("sec-fetch-site"));

/** A person who goes somewhere opens a document; whatever else a page of elsewhere brings here is that page's doing. */
function isFromElsewhere(method: string, header: ReadHeader): boolean {
  // What a page has fetched in advance passes for the visitor's own wish: `Sec-Fetch-Site: none`.
  if (header("sec-purpose")?.startsWith("prefetch")) return true;
  if (!isOfElsewhere(header("sec-fetch-site"))) return false;
  const isDocument = header("sec-fetch-mode") === "navigate" && header("sec-fetch-dest") === "document";
  return !isDocument || !opens.has(method);
}

/** How a document is opened. A form that is sent from elsewhere says no more than its page. */
const opens = new Set(["GET", "HEAD"]);

const isOfElsewhere = (site: string | undefined): boolean =>
  site !== undefined && site !== "same-origin" && site !== "none";
