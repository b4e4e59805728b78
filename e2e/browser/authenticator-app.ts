// An authenticator app: makes the codes of a second factor from its key (RFC 6238).

import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const stepMs = 30_000;

/**
 * @param key in Base32, as it is shown beside the QR code; spaces do not matter
 * @param at milliseconds since 1970
 */
export function codeOf(key: string, at: number): string {
  const bits = [...key.replaceAll(/[\s=]/g, "")]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / stepMs)));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

/** The code after the present one, for which no test has to wait: a server takes it, because clocks differ. */
export const nextCodeOf = (key: string): string => codeOf(key, Date.now() + stepMs);
