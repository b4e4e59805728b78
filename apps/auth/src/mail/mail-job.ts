// Deletes old mails, and the text of those that can no longer be sent: it may hold a one-time link.

import { uuidv7 } from "@fluxstudio/guard";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { changeOld, deleteOld } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";
import { deleteOldMailFiles } from "./outbox-files.ts";

const keptMs = 30 * 24 * 60 * 60_000;

export interface MailJobOptions {
  readonly database: Pick<Database, "kysely">;
  /** Where mails are written to files while there is no SMTP server, and perhaps were before. */
  readonly directory?: string;
}

export function createMailJob({ database: { kysely }, directory }: MailJobOptions): Job {
  return {
    name: "mails",
    description:
      "Empties dead mails whose links are over, and deletes mails that were sent or given up 30 days ago, and files of mails after 7 days.",
    // The text of a dead mail is of use to nobody from the moment on that its link no longer works.
    schedule: "*/10 * * * *",
    async run(context) {
      const texts = {
        ...{ kysely, table: "mail_outbox", among: sql`status = 'dead'` },
        isOld: sql`useful_until <= ${context.now} and html is not null`,
      };
      await changeOld(context, "texts", texts, async (ids) => {
        const { numUpdatedRows } = await kysely
          .updateTable("mail_outbox")
          .set({ html: null, text: null })
          .where("id", "in", ids)
          // An operator may just have queued it again, which he can until then only.
          .where("status", "=", "dead")
          .executeTakeFirst();
        return Number(numUpdatedRows);
      });
      await deleteOld(context, "mails", {
        ...{ kysely, table: "mail_outbox" },
        isOld: sql`status in ('sent', 'dead')`,
        before: uuidv7(context.now - keptMs),
      });
      if (directory !== undefined) await deleteOldMailFiles(directory, context);
    },
  };
}
