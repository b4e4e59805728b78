// What the parts of alerts share of the database: one writer at a time, and how incidents and alerts are written.

import { uuidv7 } from "@fluxstudio/guard";
import { type Insertable, sql, type Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { AlertDeliveryTable, AlertTable } from "./alert-tables.ts";
import { fromRow, type Incident, toRow } from "./incident.ts";

export type AlertTransaction = Transaction<Tables>;

export interface NewAlert {
  readonly kind: AlertTable["kind"];
  readonly at: number;
  readonly body: string | null;
}

export interface AlertStore {
  /**
   * One process at a time decides what is an incident and what is told: of two that see the same attack at the same moment the
   * second one finds what the first has opened.
   */
  locked<Result>(run: (transaction: AlertTransaction) => Promise<Result>): Promise<Result>;
  find(transaction: AlertTransaction, id: string): Promise<Incident | undefined>;
  insert(transaction: AlertTransaction, incident: Incident): Promise<void>;
  save(transaction: AlertTransaction, incident: Incident): Promise<void>;
  /** Stores an alert with its deliveries; one that goes nowhere is none. Whether it was stored. */
  addAlert(
    transaction: AlertTransaction,
    incident: Incident | undefined,
    alert: NewAlert,
    deliveriesOf: (alertId: string) => Promise<readonly Insertable<AlertDeliveryTable>[]>,
  ): Promise<boolean>;
}

/** "alrt": PostgreSQL's advisory locks are shared by everything in the database. */
const lockClass = 0x616c_7274;

export function createAlertStore({ kysely, dialect }: Database): AlertStore {
  return {
    locked: (run) =>
      kysely.transaction().execute(async (transaction) => {
        // SQLite has one writer anyway.
        if (dialect === "postgres")
          await sql`select pg_advisory_xact_lock(${lockClass}::int, 0)`.execute(transaction);
        return run(transaction);
      }),

    async find(transaction, id) {
      const row = await transaction
        .selectFrom("alert_incident")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async insert(transaction, incident) {
      await transaction.insertInto("alert_incident").values(toRow(incident)).execute();
    },

    async save(transaction, incident) {
      const { id, ...row } = toRow(incident);
      await transaction.updateTable("alert_incident").set(row).where("id", "=", id).execute();
    },

    async addAlert(transaction, incident, { kind, at, body }, deliveriesOf) {
      const id = uuidv7(at);
      const deliveries = await deliveriesOf(id);
      if (deliveries.length === 0) return false;
      if (incident) incident.sequence++;
      await transaction
        .insertInto("alert")
        .values({
          ...{ id, incident_id: incident?.id ?? null, kind, created_at: at, body },
          sequence: incident?.sequence ?? 0,
        })
        .execute();
      await transaction
        .insertInto("alert_delivery")
        .values([...deliveries])
        .execute();
      return true;
    },
  };
}
