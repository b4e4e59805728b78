// The networks that a blocklist may not block: those of the machine itself and of the private networks around it.

import { GuardError } from "../errors.ts";
import { readEntryLine } from "./entry-line.ts";
import { type Family, isWithin } from "./prefix.ts";

export { privateNetworks } from "../client/private-networks.ts";

export interface Network {
  readonly family: Family;
  readonly words: Uint32Array;
  readonly length: number;
}

export interface Exempt {
  /** Whether all of the network is exempt. */
  holds(family: Family, words: Uint32Array, length: number): boolean;
  /** The exempt networks that are parts of the network. */
  within(family: Family, words: Uint32Array, length: number): readonly Network[];
}

/** Each line of a list is compared with all of them. */
export const mostExempt = 100;

/** @throws GuardError `INVALID_OPTIONS` that names what is no network */
export function readExempt(texts: readonly string[]): Exempt {
  if (!Array.isArray(texts) || texts.length > mostExempt) {
    throw new GuardError("INVALID_OPTIONS", `exempt must be a list of at most ${mostExempt} networks.`);
  }
  const networks = texts.map(readNetwork);
  const longest = Math.max(0, ...networks.map(({ length }) => length));
  return {
    holds(family, words, length) {
      for (const one of networks) {
        if (one.family === family && one.length <= length && isWithin(words, one.words, 0, one.length))
          return true;
      }
      return false;
    },
    within(family, words, length) {
      if (length >= longest) return [];
      return networks.filter(
        (one) => one.family === family && one.length > length && isWithin(one.words, words, 0, length),
      );
    },
  };
}

function readNetwork(text: string): Network {
  let network: Network | undefined;
  readEntryLine(String(text), {
    take(family, words, length) {
      network = { family, words: words.slice(), length };
    },
    takeRange() {},
    refuse() {},
  });
  if (network) return network;
  const shown = JSON.stringify(String(text).slice(0, 64));
  throw new GuardError("INVALID_OPTIONS", `exempt: ${shown} is neither an IP address nor a CIDR.`);
}
