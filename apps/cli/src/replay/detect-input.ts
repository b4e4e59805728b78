// The format of a log, told from its beginning, which is put back in front of the rest.

import { detectFormat, type ReplayFormat, replayFormats } from "@fluxstudio/guard/replay";
import { usageError } from "../cli-error.ts";

/** Enough for the first lines of any format, even with large headers. */
const enoughBytes = 64 * 1024;

/** @throws CliError `USAGE` when the beginning fits no format */
export async function detectInput(
  bytes: AsyncGenerator<Uint8Array>,
): Promise<{ bytes: AsyncIterable<Uint8Array>; format: ReplayFormat }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < enoughBytes) {
    const next = await bytes.next();
    if (next.done) {
      ended = true;
      break;
    }
    pieces.push(next.value);
    length += next.value.length;
  }
  const lines = Buffer.concat(pieces).toString("latin1").split(/\r?\n/);
  if (!ended && lines.length > 1) lines.pop();
  const format = detectFormat(lines);
  if (format === undefined) {
    await bytes.return(undefined);
    const known = replayFormats.join(", ");
    if (length === 0)
      throw usageError(`The log is empty, so its format must be said: --format, one of ${known}.`);
    throw usageError(`The log's first lines do not tell its format. Say it with --format: ${known}.`);
  }
  return { bytes: joined(pieces, bytes), format };
}

async function* joined(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>) {
  yield* first;
  yield* rest;
}
