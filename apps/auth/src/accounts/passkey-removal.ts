// Takes a passkey from an account, unless it is all that is asked for after the password.

import { APIError, createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { sql } from "kysely";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { withUserLock } from "../database/user-lock.ts";

/** In place of Better Auth's endpoint, which deletes whatever is there by then. */
export function passkeyRemoval(database: Pick<Database, "kysely" | "dialect">) {
  return createAuthEndpoint(
    "/passkey/delete-passkey",
    { method: "POST", body: z.object({ id: z.string() }), use: [sessionMiddleware] },
    async (ctx) => {
      const userId = ctx.context.session.user.id;
      const own = sql`id = ${ctx.body.id} and "userId" = ${userId}`;
      const isLast = await withUserLock(database, userId, async (transaction) => {
        const deleted = await sql`
          delete from passkey where ${own} and (
            (select count(*) from passkey where "userId" = ${userId}) > 1
            or not exists (select 1 from "user" where id = ${userId} and "twoFactorEnabled" is true)
            or exists (select 1 from "twoFactor" where "userId" = ${userId} and verified is not false)
          ) returning id`.execute(transaction);
        if (deleted.rows.length > 0) return false;
        const { rows } = await sql`select id from passkey where ${own}`.execute(transaction);
        // Somebody else's is not told from one that nobody has.
        if (rows.length === 0) throw notFound();
        return true;
      });
      if (isLast) throw last();
      return ctx.json({ status: true });
    },
  );
}

const notFound = () =>
  new APIError("NOT_FOUND", { code: "PASSKEY_NOT_FOUND", message: "This account has no such passkey." });

const last = () =>
  new APIError("BAD_REQUEST", {
    code: "LAST_SECOND_FACTOR",
    message: "Turn off the second factor first: this passkey is all of it.",
  });
