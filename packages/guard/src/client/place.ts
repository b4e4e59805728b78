// Looks up the country, city and network of an address in MMDB files.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { Reader, type Response } from "maxmind";
import { GuardError } from "../errors.ts";
import { normaliseIp } from "./ip-prefix.ts";

/** What a database says about an address; a field is absent where none says anything. */
export interface Place {
  /** ISO 3166-1 alpha-2, upper case. */
  country?: string;
  city?: string;
  /** Degrees north. */
  latitude?: number;
  /** Degrees east. */
  longitude?: number;
  /** Number of the autonomous system. */
  asn?: number;
  /** Name of the organisation that runs the autonomous system. */
  network?: string;
}

/** Undefined for addresses without a place: private ones, unknown ones, and text that is no address. */
export type PlaceLookup = (ip: string) => Place | undefined;

export interface PlaceOptions {
  /** Paths of MMDB files. */
  databases: readonly string[];
  /**
   * Called once for a file that went bad after the start. Lookups carry on without it: nobody is kept from signing
   * in because a country is not known.
   */
  onError?: (error: GuardError) => void;
}

/**
 * Opens MMDB files and makes one lookup of them. Where several speak about the same field, the first in the list
 * that knows it counts. Reads GeoLite2 and GeoIP2 (Country, City, ASN), DB-IP, and the flat records of ip-location-db.
 *
 * Each file is checked now and read into memory at the first lookup that needs it, so a server at which nobody signs
 * in does not pay for it; that one lookup waits for the disk (some milliseconds for a country file).
 *
 * @returns undefined if the list is empty
 * @throws {GuardError} `PLACE_DATABASE_UNREADABLE` if a file is missing or is not an MMDB
 */
export async function createPlaceLookup(options: PlaceOptions): Promise<PlaceLookup | undefined> {
  if (options.databases.length === 0) return undefined;
  const databases = options.databases.map((path) => openLazily(path, options.onError));
  return (ip) => {
    const address = normaliseIp(ip);
    if (address === undefined || ipaddr.parse(address).range() !== "unicast") return undefined;
    let place: Place = {};
    for (const database of databases) place = { ...placeOf(database(address)), ...place };
    return Object.keys(place).length > 0 ? place : undefined;
  };
}

/** The path of the country database that comes with this package. */
export function defaultPlaceDatabase(): string {
  return createRequire(import.meta.url).resolve(
    "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb",
  );
}

/** Records are few and shared by many addresses; this many decoded ones are kept for each file. */
const CACHED_RECORDS = 1000;

function openLazily(path: string, onError: PlaceOptions["onError"]): (ip: string) => unknown {
  checkIsMmdb(path);
  let reader: Reader<Response> | undefined;
  let broken = false;
  return (ip) => {
    if (broken) return undefined;
    try {
      reader ??= new Reader<Response>(readFileSync(path), { cache: new LRUCache({ max: CACHED_RECORDS }) });
      // Asked for IPv6, a reader of a file that holds IPv4 only would answer for the first 32 bits.
      return ip.includes(":") && reader.metadata.ipVersion === 4 ? undefined : reader.get(ip);
    } catch (cause) {
      broken = true;
      onError?.(unreadable(path, "it cannot be read any more, and is not used until the next start", cause));
      return undefined;
    }
  };
}

/** What comes before the metadata, in the last 128 KiB of every MMDB file (MaxMind DB format 2.0). */
const METADATA_MARKER = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
const METADATA_MAX_BYTES = 128 * 1024;

function checkIsMmdb(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw unreadable(path, "it cannot be opened", cause);
  }
  try {
    const size = fstatSync(file).size;
    const tail = Buffer.alloc(Math.min(size, METADATA_MAX_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    if (!tail.includes(METADATA_MARKER)) throw unreadable(path, "it is not an MMDB file");
  } catch (cause) {
    throw cause instanceof GuardError ? cause : unreadable(path, "it cannot be read", cause);
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, why: string, cause?: unknown): GuardError {
  return new GuardError("PLACE_DATABASE_UNREADABLE", `Place database ${path}: ${why}`, { cause });
}

/** Reads the two families of records: nested (MaxMind, DB-IP) and flat (ip-location-db). */
function placeOf(record: unknown): Place {
  const root = fields(record);
  const location = fields(root.location);
  return withoutUndefined({
    country: text(root.country_code ?? fields(root.country).iso_code ?? root.country)?.toUpperCase(),
    city: text(fields(fields(root.city).names).en ?? root.city),
    latitude: number(location.latitude ?? root.latitude),
    longitude: number(location.longitude ?? root.longitude),
    asn: number(root.autonomous_system_number),
    network: text(root.autonomous_system_organization),
  });
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function withoutUndefined(place: { [Field in keyof Place]: Place[Field] | undefined }): Place {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
}
