// Which request of an access log is a sign-in, and which answer says that it failed.

import { GuardError } from "../errors.ts";
import { type RequestLine, utf8 } from "./parsed-line.ts";

export interface SignInRequestOptions {
  /**
   * A path is a sign-in's when it contains one of these texts, upper and lower case alike, or matches the expression. The
   * query string is not looked at, percent-encoding is undone first.
   * @default ["login", "signin", "sign-in", "session", "auth"]
   */
  readonly paths?: readonly string[] | RegExp | undefined;
  /**
   * Only these methods take credentials. A GET of the same path is a form, or a page asking whether somebody is signed in,
   * which it may ask often. @default ["POST"]
   */
  readonly methods?: readonly string[] | undefined;
  /** @default [401, 403, 422] */
  readonly failStatuses?: readonly number[] | undefined;
}

export const defaultSignInPaths = ["login", "signin", "sign-in", "session", "auth"] as const;
export const defaultSignInMethods = ["POST"] as const;
export const defaultFailStatuses = [401, 403, 422] as const;

export type SignInOutcome = "failure" | "success" | undefined;

export interface SignInRequests {
  /** The path of a request that is a sign-in, as it is shown; undefined for any other request. */
  pathOf(request: RequestLine): string | undefined;
  /** Answers that say neither (not found, too many requests, a server error) are undefined. */
  outcomeOf(status: number): SignInOutcome;
}

/** Longer paths are looked at up to here. */
const longestPath = 2048;

/** @throws GuardError `INVALID_OPTIONS` */
export function createSignInRequests(options: SignInRequestOptions = {}): SignInRequests {
  const { paths = defaultSignInPaths, methods = defaultSignInMethods } = options;
  const { failStatuses = defaultFailStatuses } = options;
  if (!(paths instanceof RegExp) && (paths.length === 0 || paths.includes(""))) {
    throw new GuardError("INVALID_OPTIONS", "A sign-in path needs at least one character.");
  }
  if (methods.length === 0) throw new GuardError("INVALID_OPTIONS", "Name at least one sign-in method.");
  if (failStatuses.some((status) => !Number.isInteger(status) || status < 100 || status > 999)) {
    throw new GuardError("INVALID_OPTIONS", "A status has three digits, e.g. 401.");
  }
  const failed = new Set(failStatuses);
  const wanted = new Set(methods.map((method) => method.toUpperCase()));
  const texts = paths instanceof RegExp ? [] : paths.map((path) => path.toLowerCase());

  function isSignInPath(path: string): boolean {
    if (paths instanceof RegExp) {
      paths.lastIndex = 0;
      return paths.test(path);
    }
    const lower = path.toLowerCase();
    return texts.some((text) => lower.includes(text));
  }

  return {
    pathOf({ method, target }) {
      if (method === undefined || target === undefined || !wanted.has(method.toUpperCase())) return undefined;
      const path = pathIn(target);
      return isSignInPath(path) ? path : undefined;
    },
    outcomeOf(status) {
      if (failed.has(status)) return "failure";
      return status >= 200 && status < 400 ? "success" : undefined;
    },
  };
}

/** Without scheme and host (proxies log absolute targets), without query, decoded. */
function pathIn(target: string): string {
  let start = 0;
  if (!target.startsWith("/")) {
    const scheme = target.indexOf("://");
    const slash = scheme < 0 ? -1 : target.indexOf("/", scheme + 3);
    if (slash > 0) start = slash;
  }
  const query = target.indexOf("?", start);
  const path = utf8(target.slice(start, Math.min(query < 0 ? target.length : query, start + longestPath)));
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
