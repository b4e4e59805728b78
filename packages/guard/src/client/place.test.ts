// Places from the database that comes along, and from small files written here in the shapes of the well-known ones.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlaceLookup, defaultPlaceDatabase, type PlaceLookup } from "./place.ts";

const directory = mkdtempSync(join(tmpdir(), "place-"));
afterAll(() => rmSync(directory, { recursive: true }));

async function lookupIn(...databases: string[]): Promise<PlaceLookup> {
  const lookup = await createPlaceLookup({ databases });
  if (!lookup) throw new Error("no lookup");
  return lookup;
}

function write(name: string, file: Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, file);
  return path;
}

describe("the database that comes along", () => {
  let lookup: PlaceLookup;
  beforeAll(async () => {
    lookup = await lookupIn(defaultPlaceDatabase());
  });

  it.each([
    ["193.0.6.139", "NL"],
    ["18.9.22.69", "US"],
    ["129.132.19.216", "CH"],
    ["131.111.150.25", "GB"],
    ["133.11.0.1", "JP"],
    ["166.111.4.100", "CN"],
    ["200.160.2.3", "BR"],
    ["194.25.0.60", "DE"],
    ["2a01:4f8::1", "DE"],
  ])("places %s in %s", (ip, country) => {
    expect(lookup(ip)).toEqual({ country });
  });

  it("places an IPv4-mapped address where the IPv4 address is", () => {
    expect(lookup("::ffff:193.0.6.139")).toEqual({ country: "NL" });
  });

  it.each([
    ...[
      "10.0.0.1",
      "192.168.1.1",
      "127.0.0.1",
      "169.254.1.1",
      "100.64.0.1",
      "0.0.0.0",
      "255.255.255.255",
      "::1",
    ],
    ...["fe80::1", "fd00::1", "224.0.0.1", "unknown", "", "1.2.3"],
  ])("has no place for %j", (ip) => {
    expect(lookup(ip)).toBeUndefined();
  });
});

describe("databases of one's own", () => {
  const city = (record: Value) => mmdb(record);

  it("are read in the shape of GeoLite2 City", async () => {
    const path = write(
      "city.mmdb",
      city({
        city: { names: { en: "Berlin", de: "Berlin" } },
        country: { iso_code: "DE" },
        location: { latitude: 52.5, longitude: 13.4 },
      }),
    );
    const lookup = await lookupIn(path);
    expect(lookup("130.0.0.1")).toEqual({ country: "DE", city: "Berlin", latitude: 52.5, longitude: 13.4 });
    expect(lookup("11.0.0.1")).toBeUndefined();
  });

  it("are read in the shape of GeoLite2 ASN", async () => {
    const path = write(
      "asn.mmdb",
      city({ autonomous_system_number: 64496, autonomous_system_organization: "Example" }),
    );
    expect((await lookupIn(path))("130.0.0.1")).toEqual({ asn: 64496, network: "Example" });
  });

  it("are read in the flat shape of ip-location-db, without its empty fields", async () => {
    const path = write(
      "flat.mmdb",
      city({ country_code: "fr", city: "", latitude: 48.8, longitude: 2.3, state1: "" }),
    );
    expect((await lookupIn(path))("130.0.0.1")).toEqual({ country: "FR", latitude: 48.8, longitude: 2.3 });
  });

  it("are merged, and the first that knows counts", async () => {
    const first = write("first.mmdb", city({ country: { iso_code: "DE" } }));
    const second = write(
      "second.mmdb",
      city({ country: { iso_code: "FR" }, autonomous_system_number: 64497 }),
    );
    expect((await lookupIn(first, second))("130.0.0.1")).toEqual({ country: "DE", asn: 64497 });
  });

  it("with IPv4 only say nothing about IPv6", async () => {
    const path = write("ipv4.mmdb", city({ country_code: "FR" }));
    expect((await lookupIn(path))("a001:db8::1")).toBeUndefined();
    expect((await lookupIn(path))("2a01:4f8::1")).toBeUndefined();
  });

  it("whose records make no sense have no place", async () => {
    const path = write("odd.mmdb", city({ country: 5, city: { names: 1 }, location: { latitude: "x" } }));
    expect((await lookupIn(path))("130.0.0.1")).toBeUndefined();
  });

  it("are none for an empty list", async () => {
    expect(await createPlaceLookup({ databases: [] })).toBeUndefined();
  });

  it("that turn out broken are told once, and say nothing", async () => {
    const broken = city({ country_code: "FR" });
    broken.fill(0xff, 6 + 16, 6 + 16 + 4);
    const errors: unknown[] = [];
    const databases = [
      write("broken.mmdb", broken),
      write("whole.mmdb", city({ autonomous_system_number: 64496 })),
    ];
    const lookup = await createPlaceLookup({ databases, onError: (error) => errors.push(error) });
    expect(lookup?.("130.0.0.1")).toEqual({ asn: 64496 });
    expect(lookup?.("130.0.0.2")).toEqual({ asn: 64496 });
    expect(errors).toMatchObject([{ code: "PLACE_DATABASE_UNREADABLE" }]);
  });

  it("that go away before the first lookup are told once, and say nothing", async () => {
    const path = write("gone.mmdb", city({ country_code: "FR" }));
    const errors: unknown[] = [];
    const lookup = await createPlaceLookup({ databases: [path], onError: (error) => errors.push(error) });
    rmSync(path);
    expect(lookup?.("130.0.0.1")).toBeUndefined();
    expect(lookup?.("130.0.0.1")).toBeUndefined();
    expect(errors).toMatchObject([{ code: "PLACE_DATABASE_UNREADABLE" }]);
  });

  it("are refused by name if missing, or not MMDB files", async () => {
    const refused = (path: string) =>
      expect(createPlaceLookup({ databases: [path] })).rejects.toMatchObject({
        code: "PLACE_DATABASE_UNREADABLE",
        message: expect.stringContaining(path),
      });
    await refused(join(directory, "missing.mmdb"));
    await refused(write("text.mmdb", Buffer.from("not a database")));
    await refused(write("empty.mmdb", Buffer.alloc(0)));
    await refused(directory);
  });
});

type Value = string | number | { [key: string]: Value };

/** An IPv4 MMDB file (format 2.0) of one node: the upper half of the address space has the record. */
function mmdb(record: Value): Buffer {
  const nodeCount = 1;
  const recordOffset = nodeCount + 16;
  const tree = Buffer.from([0, 0, nodeCount, 0, 0, recordOffset]);
  const metadata = encode({
    node_count: nodeCount,
    record_size: 24,
    ip_version: 4,
    binary_format_major_version: 2,
    build_epoch: 1,
  });
  const marker = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
  return Buffer.concat([tree, Buffer.alloc(16), encode(record), marker, metadata]);
}

function encode(value: Value): Buffer {
  if (typeof value === "string") {
    const length = value.length;
    const control = length < 29 ? [(2 << 5) | length] : [(2 << 5) | 29, length - 29];
    return Buffer.concat([Buffer.from(control), Buffer.from(value)]);
  }
  if (typeof value === "number") {
    const isInteger = Number.isInteger(value);
    const bytes = Buffer.alloc(isInteger ? 4 : 8);
    if (isInteger) bytes.writeUInt32BE(value);
    else bytes.writeDoubleBE(value);
    return Buffer.concat([Buffer.from([((isInteger ? 6 : 3) << 5) | bytes.length]), bytes]);
  }
  const entries = Object.entries(value).flatMap(([key, field]) => [encode(key), encode(field)]);
  return Buffer.concat([Buffer.from([(7 << 5) | Object.keys(value).length]), ...entries]);
}
