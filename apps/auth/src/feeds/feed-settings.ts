// The settings of IP lists: from where, and how often.

import { z } from "zod";
import { isLoopback } from "../accounts/provider-settings.ts";

export interface FeedSettings {
  /** Paths and URLs, which may hold a key: not for logs. */
  readonly block: readonly string[];
  readonly allow: readonly string[];
  readonly refreshMs: number;
}

/** As many as one list takes. */
const mostSources = 64;

const sources = z
  .string()
  .default("")
  .transform((text) => [...new Set(text.split(",").map((one) => one.trim()))].filter(Boolean))
  .pipe(
    z
      .array(z.string().refine(isSource, "write a path, or an https URL without user name and password"))
      .max(mostSources, `write at most ${mostSources}`),
  );

export const feedVariables = {
  BLOCKLIST_SOURCES: sources,
  ALLOWLIST_SOURCES: sources,
  FEED_REFRESH_MINUTES: z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1440, {
      message: "write a number of minutes from 1 to 1440",
    })
    .transform(Number)
    .default(60),
};

type FeedValues = z.output<z.ZodObject<typeof feedVariables>>;

export function toFeedSettings(values: FeedValues): FeedSettings {
  return {
    block: values.BLOCKLIST_SOURCES,
    allow: values.ALLOWLIST_SOURCES,
    refreshMs: values.FEED_REFRESH_MINUTES * 60_000,
  };
}

function isSource(text: string): boolean {
  if (!/^[a-z][a-z\d+.-]+:/i.test(text)) return true;
  const url = URL.parse(text);
  if (url === null || url.username + url.password !== "") return false;
  // Whoever stands in between an unencrypted call could lock out, or let in, whom he likes.
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}
