// The table of devices: which browsers have signed in to which account, and which secret of each is good.

import { type Selectable, sql, type Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { DeviceTable, Tables } from "../database/tables.ts";
import { withUserLock } from "../database/user-lock.ts";

export type DeviceRow = Selectable<DeviceTable>;
/** Who owns the device, as the user's row says it now: a changed e-mail keeps its devices. */
export type OwnedDevice = DeviceRow & { readonly email: string };

export interface DeviceStore {
  find(ids: readonly string[]): Promise<OwnedDevice[]>;
  /** Latest use first, without the revoked ones. */
  list(userId: string): Promise<DeviceRow[]>;
  /** Adds a device and drops what is beyond `maxDevices`. Whether it is the first that the account ever had. */
  add(row: DeviceRow): Promise<boolean>;
  /** Notes a sign-in. */
  touch(row: Pick<DeviceRow, "id" | SeenColumn>): Promise<void>;
  /** Puts a new secret in the place of the one that was shown; false when another request has been faster. */
  rotate(id: string, shown: string, next: string, at: number): Promise<boolean>;
  /** Whether there was such a device of this user. */
  revoke(userId: string, id: string, at: number): Promise<boolean>;
  forgetUser(userId: string): Promise<void>;
}

type SeenColumn = "name" | "last_used_at" | "last_ip" | "country" | "city";

/** Devices of one account that are known; with more, the one unused for the longest time is forgotten. */
const maxDevices = 20;

export function createDeviceStore(database: Database): DeviceStore {
  const { kysely } = database;

  async function prune(transaction: Transaction<Tables>, userId: string): Promise<void> {
    const kept = transaction
      .selectFrom("device")
      .select("id")
      .where("user_id", "=", userId)
      .orderBy("last_used_at", "desc")
      .orderBy("id")
      .limit(maxDevices);
    await transaction
      .deleteFrom("device")
      .where("user_id", "=", userId)
      .where("id", "not in", kept)
      .execute();
  }

  return {
    async find(ids) {
      if (ids.length === 0) return [];
      const owners = sql.table("user");
      const { rows } = await sql<OwnedDevice>`select device.*, owner.email as email from device
        join ${owners} as owner on owner.id = device.user_id
        where device.revoked_at is null and device.id in (${sql.join(ids)})`.execute(kysely);
      return rows;
    },

    list: (userId) =>
      kysely
        .selectFrom("device")
        .selectAll()
        .where("user_id", "=", userId)
        .where("revoked_at", "is", null)
        .orderBy("last_used_at", "desc")
        .execute(),

    // Of two sign-ins at once one is the second: its owner hears of it, whoever was first.
    add: (row) =>
      withUserLock(database, row.user_id, async (transaction) => {
        const other = await transaction
          .selectFrom("device")
          .select("id")
          .where("user_id", "=", row.user_id)
          .limit(1)
          .executeTakeFirst();
        await transaction.insertInto("device").values(row).execute();
        await prune(transaction, row.user_id);
        return other === undefined;
      }),

    async touch({ id, ...seen }) {
      await kysely.updateTable("device").set(seen).where("id", "=", id).execute();
    },

    async rotate(id, shown, next, at) {
      const { numUpdatedRows } = await kysely
        .updateTable("device")
        .set({ secret_hash: next, previous_hash: shown, rotated_at: at })
        .where("id", "=", id)
        .where(({ and, eb, or }) =>
          or([
            eb("secret_hash", "=", shown),
            and([eb("previous_hash", "=", shown), eb("rotated_at", "<=", at - graceMs)]),
          ]),
        )
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async revoke(userId, id, at) {
      const { numUpdatedRows } = await kysely
        .updateTable("device")
        .set({ revoked_at: at })
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async forgetUser(userId) {
      await kysely.deleteFrom("device").where("user_id", "=", userId).execute();
    },
  };
}

/**
 * Two sign-ins side by side show the same cookie, and one answer reaches the browser last: only the first changes the secret.
 * Whoever shows the secret before the last one later than this never got the answer with the last one.
 */
const graceMs = 60_000;
