// Operator tokens: what the command line and the dashboard show to be let into the admin API.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { verifyOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { uuidv7 } from "@fluxstudio/guard";
import type { Database } from "../database/database.ts";

/** Who a token speaks for; `local`: somebody on this machine who can read the secret. */
export type Operator =
  | { readonly kind: "token"; readonly id: string; readonly name: string }
  | { readonly kind: "local"; readonly name: string };

export interface OperatorToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
}

export interface OperatorTokensOptions {
  readonly database: Database;
  /** What `loadSecret` returns; checks the tokens that the command line signs. */
  readonly secret: string;
  readonly now: () => number;
}

export interface OperatorTokens {
  /** The token itself is in no other answer: only its hash is kept. */
  create(name: string, expiresAt?: number): Promise<OperatorToken & { readonly token: string }>;
  verify(token: string): Promise<Operator | undefined>;
  /** Newest first, without those that are over. */
  list(): Promise<OperatorToken[]>;
  /** Whether there was one. */
  revoke(id: string): Promise<boolean>;
}

/** So that reading a list does not cost a write for each request. */
const useRecordedEveryMs = 60_000;
/** `flux_` and 256 random bits: too many to guess, so that a hash without salt or stretching is enough. */
const pattern = /^flux_[A-Za-z0-9_-]{43}$/;

export function createOperatorTokens({ database, secret, now }: OperatorTokensOptions): OperatorTokens {
  const { kysely } = database;
  const columns = ["id", "name", "created_at", "last_used_at", "expires_at"] as const;

  return {
    async create(name, expiresAt) {
      const createdAt = now();
      const token = `flux_${randomBytes(32).toString("base64url")}`;
      const row = {
        id: uuidv7(createdAt),
        name,
        created_at: createdAt,
        last_used_at: null,
        expires_at: expiresAt ?? null,
      };
      await kysely
        .insertInto("operator_token")
        .values({ ...row, hash: hashOf(token).toString("base64url") })
        .execute();
      return { ...fromRow(row), token };
    },

    async verify(token) {
      const at = now();
      if (verifyOperatorToken(secret, token, at)) return { kind: "local", name: "local operator" };
      if (!pattern.test(token)) return undefined;
      const hash = hashOf(token);
      // The time that the look-up takes tells something about the hash at most, from which no token follows.
      const row = await kysely
        .selectFrom("operator_token")
        .select([...columns, "hash"])
        .where("hash", "=", hash.toString("base64url"))
        .executeTakeFirst();
      if (!row || !timingSafeEqual(Buffer.from(row.hash, "base64url"), hash)) return undefined;
      if (row.expires_at !== null && row.expires_at <= at) return undefined;
      if (row.last_used_at === null || at - row.last_used_at >= useRecordedEveryMs) {
        await kysely
          .updateTable("operator_token")
          .set({ last_used_at: at })
          .where("id", "=", row.id)
          .execute();
      }
      return { kind: "token", id: row.id, name: row.name };
    },

    async list() {
      const rows = await kysely
        .selectFrom("operator_token")
        .select(columns)
        .where(({ eb, or }) => or([eb("expires_at", "is", null), eb("expires_at", ">", now())]))
        .orderBy("id", "desc")
        .execute();
      return rows.map(fromRow);
    },

    async revoke(id) {
      const { numDeletedRows } = await kysely
        .deleteFrom("operator_token")
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

function fromRow(row: {
  id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
  expires_at: number | null;
}): OperatorToken {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
