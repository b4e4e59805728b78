// Families of refresh tokens: each begins with a session, has one token that is good at a time, and ends with the session.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { createRefreshTokenCodec, hashOfToken, newFamily } from "./refresh-token.ts";

export interface RefreshFamiliesOptions {
  readonly database: Database;
  /** What `loadSecret` returns. */
  readonly secret: string;
  readonly now: () => number;
  /** How long a token that was exchanged brings the same successor again. */
  readonly graceMs: number;
}

/** The session that a family belongs to, and its user. */
export interface FamilySession {
  readonly id: string;
  /** What lets somebody in: for Better Auth only. */
  readonly token: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: string | null;
}

/**
 * - `unknown`: nobody was given this token
 * - `ended`: its session is over, or it was not used for too long
 * - `fresh`: it can be exchanged; of any number of calls side by side one exchanges it
 * - `exchanged`: that has just happened
 * - `again`: it had been exchanged a moment ago, in another tab, or the answer got lost; the successor is the same
 * - `reused`: it was exchanged longer ago, so somebody has a copy
 */
export type TokenState = SettledState | FreshToken;
export type SettledState =
  | { readonly kind: "unknown" | "ended" }
  | { readonly kind: "exchanged" | "again"; readonly session: FamilySession; readonly successor: string }
  | { readonly kind: "reused"; readonly session: FamilySession; readonly family: string };
interface FreshToken {
  readonly kind: "fresh";
  readonly session: FamilySession;
  exchange(): Promise<SettledState>;
}

export interface RefreshFamilies {
  /** Begins a family. @returns its first token */
  begin(sessionId: string): Promise<string>;
  look(token: unknown): Promise<TokenState>;
  /** Whether the family had not ended before: of any number of calls side by side one is told so. */
  end(family: string): Promise<boolean>;
  /** Ends the families of a session that is over. @returns when the last of their tokens was given out, if any had not ended before */
  endOfSession(sessionId: string): Promise<number | undefined>;
}

const dayMs = 24 * 60 * 60_000;
/** A session that nobody uses ends earlier; this is for one that is kept up by its cookie alone. */
export const familyIdleMs = 30 * dayMs;

interface FamilyRow {
  readonly id: string;
  readonly salt: string;
  readonly generation: number;
  readonly hash: string;
  readonly used_at: number;
  readonly ended_at: number | null;
  readonly session_id: string | null;
  readonly token: string;
  readonly createdAt: string | Date;
  readonly expiresAt: string | Date;
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string | null;
}

export function createRefreshFamilies({
  database,
  secret,
  now,
  graceMs,
}: RefreshFamiliesOptions): RefreshFamilies {
  const { kysely } = database;
  const codec = createRefreshTokenCodec(secret);
  /** Better Auth keeps dates as text in SQLite. */
  const date = (at: number) => (database.dialect === "sqlite" ? new Date(at).toISOString() : new Date(at));

  async function find(family: string): Promise<FamilyRow | undefined> {
    const { rows } = await sql<FamilyRow>`
      select f.id, f.salt, f.generation, f.hash, f.used_at, f.ended_at,
        s.id as session_id, s.token, s."createdAt", s."expiresAt", u.id as user_id, u.email, u.name, u.role
      from refresh_family f
      left join session s on s.id = f.session_id
      left join "user" u on u.id = s."userId"
      where f.id = ${family}`.execute(kysely);
    return rows[0];
  }

  async function look(token: unknown): Promise<TokenState> {
    const parts = codec.read(token);
    const row = parts && (await find(parts.family));
    if (!row || !codec.isGenuine(parts, row.salt)) return { kind: "unknown" };
    const session = openSession(row, now());
    if (!session || row.used_at + familyIdleMs <= now()) return { kind: "ended" };
    const [shown, latest] = [parts.generation, row.generation];
    if (shown === latest)
      return { kind: "fresh", session, exchange: () => exchange(token as string, row, session) };
    // Later ones are unknown to a database that was restored.
    if (shown > latest) return { kind: "ended" };
    if (shown === latest - 1 && now() < row.used_at + graceMs) {
      return { kind: "again", session, successor: codec.write(row.id, latest, row.salt) };
    }
    return { kind: "reused", session, family: row.id };
  }

  async function exchange(
    token: string,
    { id, salt, generation }: FamilyRow,
    session: FamilySession,
  ): Promise<SettledState> {
    const successor = codec.write(id, generation + 1, salt);
    const at = now();
    // One statement decides: whoever still finds the token's hash, in a session that is still open, puts the successor's there.
    const { rows } = await sql`
      update refresh_family set generation = ${generation + 1}, hash = ${hashOfToken(successor)}, used_at = ${at}
      where id = ${id} and hash = ${hashOfToken(token)} and ended_at is null and exists (
        select 1 from session where session.id = refresh_family.session_id and session."expiresAt" > ${date(at)})
      returning id`.execute(kysely);
    if (rows.length > 0) return { kind: "exchanged", session, successor };
    const found = await look(token);
    return found.kind === "fresh" ? { kind: "ended" } : found;
  }

  return {
    look,

    async begin(sessionId) {
      const { id, salt } = newFamily();
      const token = codec.write(id, 0, salt);
      const at = now();
      const row = { id, salt, session_id: sessionId, generation: 0, hash: hashOfToken(token) };
      await kysely
        .insertInto("refresh_family")
        .values({ ...row, created_at: at, used_at: at, ended_at: null })
        .execute();
      return token;
    },

    async end(family) {
      const { numUpdatedRows } = await kysely
        .updateTable("refresh_family")
        .set({ ended_at: now() })
        .where("id", "=", family)
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async endOfSession(sessionId) {
      const rows = await kysely
        .updateTable("refresh_family")
        .set({ ended_at: now() })
        .where("session_id", "=", sessionId)
        .where("ended_at", "is", null)
        .returning("used_at")
        .execute();
      return rows.length === 0 ? undefined : Math.max(...rows.map((row) => row.used_at));
    },
  };
}

function openSession(row: FamilyRow, at: number): FamilySession | undefined {
  const expiresAt = Number(new Date(row.expiresAt));
  if (row.session_id === null || row.ended_at !== null || expiresAt <= at) return undefined;
  return {
    id: row.session_id,
    token: row.token,
    createdAt: Number(new Date(row.createdAt)),
    expiresAt,
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
  };
}
