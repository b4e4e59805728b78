// Whether the archive of events can be written to, known before the night in which the job wants to.

import type { Logger } from "@fluxstudio/telemetry";
import type { Missing } from "../monitoring/missing.ts";
import { directoryProblem } from "./writable.ts";

export interface ArchiveWatchOptions {
  /** Undefined: there is no archive. */
  readonly directory: string | undefined;
  readonly logger: Pick<Logger, "info" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** So often it is looked at again, at most, and only when somebody asks. */
const lookEveryMs = 60_000;

/** Says once what is wrong, and once that it is mended. @returns what `/readyz` and the metrics ask; nothing without an archive */
export async function watchArchive({ directory, logger, now }: ArchiveWatchOptions): Promise<Missing> {
  if (directory === undefined) return {};
  const archive = directory;
  let since: number | undefined;
  let lookedAt = now();

  async function look(): Promise<void> {
    lookedAt = now();
    const problem = await directoryProblem(archive);
    if ((problem === undefined) === (since === undefined)) return;
    since = problem === undefined ? undefined : lookedAt;
    if (problem === undefined) logger.info({ path: archive }, "EVENT_ARCHIVE_DIR can be written to again");
    else
      logger.error(
        { path: archive },
        `EVENT_ARCHIVE_DIR cannot be written to: ${problem}. Old events stay in the table until it can`,
      );
  }

  await look();
  return {
    "event-archive"() {
      if (now() - lookedAt >= lookEveryMs) void look();
      return since === undefined ? undefined : { reason: "UNWRITABLE", since };
    },
  };
}
