// OCSF's files as they are laid out in its repository, with inheritance, profiles and the dictionary resolved.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: "required" | "recommended" | "optional";
  readonly enum?: { readonly [value: string]: { readonly caption: string } };
  /** The attribute that holds the caption of this one's value. */
  readonly sibling?: string;
  /** The profile that brings it; null: none, whatever was inherited. */
  readonly profile?: string | null;
  readonly "@deprecated"?: unknown;
}

export type Attributes = { readonly [name: string]: Attribute };

/** A class of events or an object. */
export interface Shape {
  readonly uid?: number;
  readonly name: string;
  readonly caption: string;
  readonly category?: string;
  readonly attributes: Attributes;
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
}

export interface DataType {
  readonly type?: string;
  readonly regex?: string;
  readonly max_len?: number;
  readonly range?: readonly [number, number];
  readonly values?: readonly unknown[];
}

export interface Ocsf {
  readonly version: string;
  readonly categories: { readonly [name: string]: { readonly uid: number; readonly caption: string } };
  readonly types: { readonly [name: string]: DataType };
  /** @param path below `events`, such as `iam/authentication` */
  eventClass(path: string): Shape;
  object(name: string): Shape;
}

interface Raw extends Omit<Shape, "attributes"> {
  readonly extends?: string;
  readonly attributes?: Attributes & { readonly $include?: readonly string[] };
}

export function readOcsf(checkout: string, { profiles }: { readonly profiles: readonly string[] }): Ocsf {
  const read = (path: string) => JSON.parse(readFileSync(join(checkout, path), "utf8"));
  const dictionary: { attributes: Attributes; types: { attributes: Ocsf["types"] } } =
    read("dictionary.json");

  /** What a file says itself: its profiles' attributes first, which it may change. */
  function ownAttributes({ attributes = {} }: Raw): Attributes {
    const { $include = [], ...own } = attributes;
    const included = $include
      .map((path) => read(path) as Raw)
      .filter(({ name }) => profiles.includes(name))
      .map((profile) => profile.attributes ?? {});
    return merge(...included, own);
  }

  /** @param directories where the parents may be */
  function resolve(path: string, directories: readonly string[]): Shape {
    const { extends: parent, ...raw }: Raw = read(path);
    if (parent === undefined) return { ...raw, attributes: ownAttributes(raw) };
    const inherited = resolve(find(parent, directories), directories);
    return { ...inherited, ...raw, attributes: merge(inherited.attributes, ownAttributes(raw)) };
  }

  function find(name: string, directories: readonly string[]): string {
    const paths = directories.map((directory) => join(directory, `${name}.json`));
    const found = paths.find((path) => {
      try {
        return read(path);
      } catch {
        return undefined;
      }
    });
    if (found === undefined) throw new Error(`The checkout has none of ${paths.join(", ")}.`);
    return found;
  }

  /** With what the dictionary says of each attribute, and without those that are deprecated or of another profile. */
  function complete({ attributes, ...shape }: Shape): Shape {
    const merged = Object.entries(attributes).map(([name, attribute]) => {
      const known = dictionary.attributes[name];
      if (known === undefined) throw new Error(`The dictionary has no attribute "${name}".`);
      return [name, merge({ [name]: known }, { [name]: attribute })[name] as Attribute] as const;
    });
    const kept = merged.filter(
      ([, { profile, "@deprecated": deprecated }]) =>
        deprecated === undefined && (profile == null || profiles.includes(profile)),
    );
    return { ...shape, attributes: Object.fromEntries(kept) };
  }

  return {
    version: read("version.json").version,
    categories: read("categories.json").attributes,
    types: dictionary.types.attributes,
    eventClass(path) {
      const [category = ""] = path.split("/");
      return complete(resolve(`events/${path}.json`, [`events/${category}`, "events"]));
    },
    object: (name) => complete(resolve(`objects/${name}.json`, ["objects"])),
  };
}

/** Attribute by attribute the later wins; the values of an enum add up. */
function merge(...all: readonly Attributes[]): Attributes {
  const merged: { [name: string]: Attribute } = {};
  for (const attributes of all) {
    for (const [name, attribute] of Object.entries(attributes)) {
      const before = merged[name];
      const values = { ...before?.enum, ...attribute.enum };
      merged[name] = {
        ...before,
        ...attribute,
        ...(Object.keys(values).length > 0 ? { enum: values } : {}),
      };
    }
  }
  return merged;
}
