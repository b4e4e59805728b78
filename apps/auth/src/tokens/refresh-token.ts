// What a refresh token is made of: its family, its generation, and 256 bits that nobody can compute without the secret.

import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../secret.ts";

/** One generation of a family. */
export interface RefreshTokenParts {
  readonly family: string;
  /** Counts up with each exchange. */
  readonly generation: number;
  /** The 256 bits. */
  readonly tag: Buffer;
}

export interface RefreshTokenCodec {
  /** @param salt the family's, which is random and leaves the database with no token */
  write(family: string, generation: number, salt: string): string;
  /** Undefined for a text that is no refresh token, or another spelling of one. */
  read(token: unknown): RefreshTokenParts | undefined;
  /** Whether it was made here. */
  isGenuine(parts: RefreshTokenParts, salt: string): boolean;
}

const familyBytes = 16;
const tagBytes = 32;
const pattern = /^fr_[\w-]{70}$/;

/**
 * Each token follows from its family's salt and its own number, so an answer that got lost can be given again although only a
 * hash is stored. Whoever has read the database, or knows the secret, or holds an older token, can make none: all of it is needed.
 */
export function createRefreshTokenCodec(secret: string): RefreshTokenCodec {
  const key = createSecretKey(deriveKey(secret, "refresh-token"));

  function tagOf(family: Buffer, generation: Buffer, salt: string): Buffer {
    return createHmac("sha256", key)
      .update(Buffer.from(salt, "base64url"))
      .update(family)
      .update(generation)
      .digest();
  }

  return {
    write(family, generation, salt) {
      const [id, number] = [Buffer.from(family, "base64url"), toBytes(generation)];
      return `fr_${Buffer.concat([id, number, tagOf(id, number, salt)]).toString("base64url")}`;
    },
    read(token) {
      if (typeof token !== "string" || !pattern.test(token)) return undefined;
      const bytes = Buffer.from(token.slice(3), "base64url");
      // The last character has bits to spare: other spellings of the same bytes are no tokens.
      if (bytes.toString("base64url") !== token.slice(3)) return undefined;
      return {
        family: bytes.subarray(0, familyBytes).toString("base64url"),
        generation: bytes.readUInt32BE(familyBytes),
        tag: bytes.subarray(-tagBytes),
      };
    },
    isGenuine({ family, generation, tag }, salt) {
      return timingSafeEqual(tag, tagOf(Buffer.from(family, "base64url"), toBytes(generation), salt));
    },
  };
}

export const newFamily = () => ({
  id: randomBytes(familyBytes).toString("base64url"),
  salt: randomBytes(32).toString("base64url"),
});

/** Too many random bits to be found from the hash. */
export const hashOfToken = (token: string): string => hash("sha256", token, "base64url");

function toBytes(generation: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(generation);
  return bytes;
}
