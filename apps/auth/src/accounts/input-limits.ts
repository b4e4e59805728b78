// What a request may hold at most, whatever endpoint it is for: text where text belongs, short enough, fit for a database.

import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { longestEmail } from "./email-address.ts";

const longestText = 4_000;
const longestUrl = 2_000;

/** What is text wherever it occurs, and how long it may be. Better Auth takes any JSON for some of these. */
const texts: { readonly [field: string]: number } = {
  email: longestEmail,
  newEmail: longestEmail,
  name: 200,
  image: longestUrl,
  issuer: 100,
  code: 100,
  callbackURL: longestUrl,
  errorCallbackURL: longestUrl,
  newUserCallbackURL: longestUrl,
  redirectTo: longestUrl,
};
const urls: ReadonlySet<string> = new Set(Object.keys(texts).filter((field) => /URL$|To$/.test(field)));

export function inputLimits() {
  return {
    id: "flux-input-limits",
    hooks: {
      before: [
        {
          matcher: () => true,
          handler: createAuthMiddleware(async ({ body, query, context: { baseURL } }) => {
            refuseOdd(body, baseURL);
            refuseOdd(query, baseURL);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

function refuseOdd(input: unknown, baseUrl: string): void {
  if (typeof input !== "object" || input === null) return;
  for (const [field, value] of Object.entries(input)) {
    const limit = Object.hasOwn(texts, field) ? texts[field] : undefined;
    if (typeof value === "string") {
      // Other characters make the headers of an answer impossible, and behind a "#" nobody finds the code that is added.
      const odd = urls.has(field) && /[^\x21-\x7e]|#/.test(value);
      if (odd || value.length > (limit ?? longestText)) throw invalid(field, limit ?? longestText);
      if (urls.has(field) && leadsBack(value, baseUrl)) throw notAPage(field);
    } else if (limit !== undefined && value !== undefined && !(value === null && field === "image")) {
      throw new APIError("BAD_REQUEST", { code: "INVALID_FIELD", message: `${field}: must be text.` });
    }
    if (holdsUnfit(value)) throw invalid(field, limit ?? longestText);
  }
}

/** To an endpoint of ours: one link in a mail would be a chain of them, each with a wrong token that counts for whoever follows it. */
function leadsBack(value: string, baseUrl: string): boolean {
  const base = new URL(`${baseUrl}/`);
  const url = URL.parse(value, base.href);
  if (url?.origin !== base.origin) return false;
  try {
    return decodeURIComponent(url.pathname)
      .replaceAll(/\/{2,}/g, "/")
      .startsWith(base.pathname);
  } catch {
    return true;
  }
}

const notAPage = (field: string) =>
  new APIError("BAD_REQUEST", { code: "INVALID_FIELD", message: `${field}: must lead to a page.` });

const invalid = (field: string, limit: number) =>
  new APIError("BAD_REQUEST", {
    code: "INVALID_FIELD",
    message: `${field.slice(0, 50)}: at most ${limit} plain characters${urls.has(field) ? ', without "#"' : ""}.`,
  });

/**
 * PostgreSQL keeps no text with a null character, and half a character becomes another one on its way to any database or hash.
 * Without recursion: JSON nests deeper than the stack.
 */
function holdsUnfit(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "string" && (one.includes("\0") || !one.isWellFormed())) return true;
    if (typeof one === "object" && one !== null) left.push(...Object.values(one));
  }
  return false;
}
