// The keys that sign access tokens: made, kept encrypted, rotated on a schedule, and published as a JWKS.

import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Logger } from "@fluxstudio/telemetry";
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair } from "jose";
import type { Database } from "../database/database.ts";
import { deriveKey } from "../secret.ts";
import { type KeySchedule, keyRolesAt } from "./key-schedule.ts";

export interface SigningKeysOptions {
  readonly database: Database;
  /** What `loadSecret` returns; a key derived from it encrypts the private keys. */
  readonly secret: string;
  readonly logger: Pick<Logger, "warn" | "error">;
  readonly now: () => number;
  readonly schedule?: KeySchedule;
}

export interface SigningKey {
  /** Its RFC 7638 thumbprint. */
  readonly kid: string;
  readonly createdAt: number;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

export interface SigningKeys {
  /** The key to sign with now. */
  signer(): Promise<SigningKey>;
  /** Everything that tokens in use are signed with, and what the next ones will be. */
  published(): Promise<{ readonly keys: readonly PublicJwk[] }>;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A token lives for 15 minutes; the rest is for clocks that differ, and for processes that read the keys at other times. */
export const defaultSchedule: KeySchedule = {
  rotateEveryMs: 30 * dayMs,
  publishBeforeMs: dayMs,
  publishAfterMs: 30 * minuteMs,
};

/** How soon a process sees the keys that others have made: much sooner than they sign. */
const rereadMs = minuteMs;

export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const { database, logger, now, schedule = defaultSchedule } = options;
  const { kysely } = database;
  const encryptionKey = deriveKey(options.secret, "signing-keys");
  let known: readonly SigningKey[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let unreadable = 0;

  async function keysNow(): Promise<readonly SigningKey[]> {
    if (known.length > 0 && now() - readAt < rereadMs) return known;
    reading ??= bringUpToDate().finally(() => {
      reading = undefined;
    });
    try {
      await reading;
    } catch (error) {
      if (known.length === 0) throw error;
      // The keys at hand serve on: an outage of the database is not to become one of every token.
      logger.error({ err: error }, "The signing keys cannot be read");
      readAt = now();
    }
    return known;
  }

  async function bringUpToDate(): Promise<void> {
    const at = now();
    let rows = await read();
    const { due, retired } = keyRolesAt(rows.opened, at, schedule);
    if (due) {
      await make(rows.highest + 1, at);
      rows = await read();
    }
    if (retired.length > 0) {
      const numbers = retired.map(({ number }) => number);
      await kysely.deleteFrom("signing_key").where("number", "in", numbers).execute();
    }
    known = rows.opened.filter((key) => !retired.some(({ number }) => number === key.number));
    readAt = at;
  }

  async function read() {
    const rows = await kysely.selectFrom("signing_key").selectAll().orderBy("number").execute();
    const opened = await Promise.all(
      rows.map(async ({ number, created_at, sealed }) => {
        const key = known.find((one) => (one as NumberedKey).number === number) as NumberedKey | undefined;
        return key ?? open(number, created_at, sealed);
      }),
    );
    const usable = opened.filter((key) => key !== undefined);
    const lost = opened.length - usable.length;
    if (lost > unreadable) {
      logger.warn(
        { keys: lost },
        "Signing keys that another FLUX_SECRET encrypted are neither used nor published",
      );
    }
    unreadable = lost;
    return { opened: usable, highest: rows.at(-1)?.number ?? 0 };
  }

  /** Of processes that do this at the same time, one succeeds, and the others use its key. */
  async function make(number: number, at: number): Promise<void> {
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const plain = Buffer.from(JSON.stringify(await exportJWK(privateKey)));
    const sealed = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(encryptionKey);
    await kysely
      .insertInto("signing_key")
      .values({ number, created_at: at, sealed })
      .onConflict((conflict) => conflict.column("number").doNothing())
      .execute();
  }

  /**
   * Undefined for a key of another secret. The public key is read from what is sealed, so that whoever can write to the table
   * cannot have a key of his own published.
   */
  async function open(number: number, createdAt: number, sealed: string): Promise<NumberedKey | undefined> {
    try {
      const { plaintext } = await compactDecrypt(sealed, encryptionKey);
      const jwk = JSON.parse(Buffer.from(plaintext).toString());
      const publicPart = { kty: "OKP", crv: "Ed25519", x: jwk.x as string } as const;
      const kid = await calculateJwkThumbprint(publicPart);
      const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
      return {
        number,
        kid,
        createdAt,
        privateKey,
        publicJwk: { ...publicPart, kid, alg: "EdDSA", use: "sig" },
      };
    } catch {
      return undefined;
    }
  }

  return {
    async signer() {
      const { signer } = keyRolesAt(await keysNow(), now(), schedule);
      if (!signer) throw new Error("There is no signing key.");
      return signer;
    },
    async published() {
      return { keys: (await keysNow()).map(({ publicJwk }) => publicJwk) };
    },
  };
}

interface NumberedKey extends SigningKey {
  readonly number: number;
}
