// The occasion of a mail: who did it, when, from where and with what, in words.

import type { Place } from "@fluxstudio/guard";
import { browserName } from "./browser-name.ts";
import type { Fact } from "./message.ts";
import { plain } from "./plain.ts";

export interface Occasion {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The client's address, as `createClientIp` gives it. */
  readonly ip: string;
  readonly place?: Place | undefined;
  /** The header as it came. */
  readonly userAgent?: string | undefined;
}

/** Made with the first mail: the runtime's tables for languages take some 8 MB. */
let names: { readonly times: Intl.DateTimeFormat; readonly countries: Intl.DisplayNames } | undefined;
const longestName = 60;

export function factsOf({ at, ip, place, userAgent }: Occasion): Fact[] {
  return [
    { label: "Time", value: timeInWords(at) },
    { label: "Place", value: `${placeInWords(place)} (address ${plain(ip, 45)})` },
    { label: "Browser", value: browserName(userAgent) },
  ];
}

/** "24 November 2026 at 10:47 UTC" */
export function timeInWords(at: number): string {
  return `${inEnglish().times.format(at)} UTC`;
}

/** "Lyon, France", as far as it is known. */
function placeInWords(place: Place | undefined): string {
  const country =
    place?.country && /^[A-Z]{2}$/.test(place.country) ? inEnglish().countries.of(place.country) : undefined;
  const words = [place?.city && plain(place.city, longestName), country].filter(Boolean);
  return words.length > 0 ? words.join(", ") : "an unknown place";
}

function inEnglish() {
  names ??= {
    times: new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }),
    countries: new Intl.DisplayNames("en", { type: "region", fallback: "none" }),
  };
  return names;
}

/** Letters as names have them. A dot only before a space: mail programs make a link of "evil.example". */
const nameLike = /^(?:[\p{L}\p{M}'’ -]|\u200c|\u200d|\.(?= |$))+…?$/u;

/**
 * Greets by name when it is like one: strangers sign up with other people's addresses, and an advertisement for a name,
 * to have our mails carry it there.
 */
export function greet(name: string): string {
  const short = plain(name, longestName);
  return nameLike.test(short) ? `Hello ${short},` : "Hello,";
}
