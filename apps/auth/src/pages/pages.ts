// Serves the pages as they were built: the files under /assets for ever, the one HTML file under each page's address.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pagePaths } from "@fluxstudio/admin-api";
import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { contentSecurityPolicy } from "./security-headers.ts";

export interface Pages {
  readonly routes: Hono;
  /** Answers a person with a page that says so, anybody else with undefined. */
  notFound(c: Context): Promise<Response> | undefined;
}

/** The directory of the built pages, when they have been built. */
export function builtPages(): string | undefined {
  const directory = join(import.meta.dirname, "../../../dashboard/dist");
  return existsSync(join(directory, "index.html")) ? directory : undefined;
}

/** @param directory what the build of apps/dashboard left */
export function createPages(directory: string): Pages {
  const file = serveStatic({ root: directory, precompressed: true });
  const policy = policyOf(join(directory, "index.html"));
  const html = serveStatic({ root: directory, path: "index.html", precompressed: true });
  const page: MiddlewareHandler = (c, next) => {
    c.header("Content-Security-Policy", policy());
    return html(c, next);
  };
  const routes = new Hono();
  // Their names hold a hash of what is in them.
  routes.get("/assets/:file", keptFor("public, max-age=31536000, immutable"), file, missing);
  routes.get("/icon.svg", keptFor("public, max-age=86400"), file, missing);
  for (const path of Object.values(pagePaths)) routes.get(path, keptFor("no-cache"), page, missing);
  return {
    routes,
    notFound(c) {
      if (!wantsPage(c)) return undefined;
      return withStatus(c, page, 404);
    },
  };
}

/** Follows the file: pages that are built anew while the server runs have other styles. */
function policyOf(file: string): () => string {
  let known = { changedAt: 0, policy: contentSecurityPolicy([]) };
  return () => {
    const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt !== known.changedAt && changedAt !== 0) {
      known = { changedAt, policy: contentSecurityPolicy(hashesOfStyles(readFileSync(file, "utf8"))) };
    }
    return known.policy;
  };
}

/** @param html of our own build, in which a style has no attributes */
function hashesOfStyles(html: string): string[] {
  return [...html.matchAll(/<style>([^<]*)<\/style>/g)].map(
    ([, style = ""]) => `sha256-${createHash("sha256").update(style).digest("base64")}`,
  );
}

const keptFor =
  (value: string): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res.ok) c.header("Cache-Control", value);
  };

const missing: MiddlewareHandler = async (c) =>
  c.json({ code: "NOT_FOUND", message: "There is nothing here." }, 404);

/** A browser that goes somewhere says first of all that it wants HTML. */
function wantsPage(c: Context): boolean {
  if (c.req.method !== "GET" || /^\/(?:api|assets)(?:\/|$)/.test(c.req.path)) return false;
  return c.req.header("accept")?.startsWith("text/html") === true;
}

async function withStatus(c: Context, page: MiddlewareHandler, status: number): Promise<Response> {
  const answer = (await page(c, async () => {})) ?? c.text("There is nothing here.\n");
  return new Response(answer.body, { status, headers: answer.headers });
}
