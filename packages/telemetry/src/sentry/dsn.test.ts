// A DSN is taken in the form that Sentry shows, and nothing else is.

import { expect, it } from "vitest";
import { parseDsn } from "./dsn.ts";

it("has a host, a project and a key", () => {
  expect(parseDsn("https://c0ffee@o1.ingest.sentry.io:8443/prefix/42")).toEqual({
    host: "o1.ingest.sentry.io:8443",
    projectId: "42",
    publicKey: "c0ffee",
    url: "https://c0ffee@o1.ingest.sentry.io:8443/prefix/42",
  });
});

it.each([
  ["nothing", ""],
  ["no URL", "c0ffee"],
  ["another protocol", "ftp://c0ffee@sentry.io/42"],
  ["no key", "https://sentry.io/42"],
  ["a strange key", "https://a%20b@sentry.io/42"],
  ["no project", "https://c0ffee@sentry.io/"],
  ["a project that is no number", "https://c0ffee@sentry.io/flux"],
  ["a query", "https://c0ffee@sentry.io/42?x=1"],
])("%s is none", (_, text) => expect(parseDsn(text)).toBeUndefined());
