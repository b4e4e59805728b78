// Where a list comes from: a file or a URL, and what is known of it from the last time.

import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { GuardError } from "../errors.ts";

export interface IpListSource {
  /** A path, or an http(s) URL. */
  readonly from: string | URL;
  /** What explanations and reports call it. @default the file's name, or the URL without its query, which may hold a key */
  readonly name?: string;
  /** Whether it is right when nothing is listed; else what was listed before stays. @default false */
  readonly mayBeEmpty?: boolean;
}

/** Fit to be sent to another thread. */
export interface ResolvedSource {
  readonly name: string;
  readonly kind: "file" | "url";
  /** An absolute path, or a URL. */
  readonly from: string;
  readonly mayBeEmpty: boolean;
  /** Where what was taken of a URL last is kept for the next start; an absolute path. */
  readonly copy?: string | undefined;
}

/** By which it is seen that a source has not changed. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** More than anybody has; their numbers have a byte, and one of them is taken. */
const mostSources = 64;

/**
 * @param keepIn a directory for what was taken of URLs last
 * @throws GuardError `INVALID_OPTIONS`
 */
export function resolveSources(
  sources: readonly (string | URL | IpListSource)[],
  keepIn?: string,
): ResolvedSource[] {
  if (!Array.isArray(sources) || sources.length < 1 || sources.length > mostSources) {
    throw new GuardError("INVALID_OPTIONS", `sources must be a list of 1 to ${mostSources} files and URLs.`);
  }
  const resolved = sources.map(resolveSource);
  const names = resolved.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new GuardError("INVALID_OPTIONS", `sources: two are called ${twice}; give them a name each.`);
  }
  if (keepIn === undefined) return resolved;
  return resolved.map((source) =>
    source.kind === "url"
      ? { ...source, copy: join(resolve(keepIn), `${hashOf(source.from)}.list`) }
      : source,
  );
}

/** A URL may hold a key, and what a file's name may not. */
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

function resolveSource(source: string | URL | IpListSource): ResolvedSource {
  const given = typeof source === "string" || source instanceof URL ? { from: source } : source;
  const from = String(given?.from ?? "");
  const { name, mayBeEmpty = false } = given;
  if (/^https?:/i.test(from)) {
    const url = URL.parse(from);
    if (url === null || url.username + url.password !== "") {
      throw new GuardError(
        "INVALID_OPTIONS",
        "sources: a URL cannot be read, or has a user name or password in it.",
      );
    }
    return { name: name ?? `${url.host}${url.pathname}`, kind: "url", from: url.href, mayBeEmpty };
  }
  if (from === "" || /^[a-z][a-z\d+.-]+:/i.test(from)) {
    throw new GuardError(
      "INVALID_OPTIONS",
      `sources: ${JSON.stringify(from)} is neither a path nor an http(s) URL.`,
    );
  }
  return { name: name ?? basename(from), kind: "file", from: resolve(from), mayBeEmpty };
}
