// Takes the entries out of the bytes of a source: lines of text, or JSON, told apart by how they begin.

import { jsonEntries } from "./json-entries.ts";

/** A line that is longer is cut: none of a list is, and a text without line ends must not fill the memory. */
const longestKept = 8192;
const byteOrderMark = "\xef\xbb\xbf";

/**
 * @param take is given each line, or each entry of JSON; false ends the reading
 * @throws SourceFailure `NOT_A_LIST` for JSON that cannot be read, because it may have been cut off
 */
export async function readEntries(
  chunks: AsyncIterable<Uint8Array>,
  take: (line: string) => boolean,
): Promise<void> {
  let rest = "";
  let isText: boolean | undefined;
  const json: Uint8Array[] = [];
  for await (const chunk of chunks) {
    if (isText === false) {
      json.push(chunk);
      continue;
    }
    // Addresses are ASCII; whatever else there is need not be understood.
    let text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    if (isText === undefined) {
      if (text.startsWith(byteOrderMark)) text = text.slice(byteOrderMark.length);
      const first = text.trimStart()[0];
      if (first === undefined || byteOrderMark.startsWith(text)) {
        rest = text.slice(0, longestKept);
        continue;
      }
      isText = first !== "{" && first !== "[";
      if (!isText) {
        json.push(Buffer.from(text, "latin1"));
        continue;
      }
    }
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      if (!take(text.slice(start, end))) return;
      start = end + 1;
    }
    rest = text.slice(start, start + longestKept);
  }
  if (isText === false) {
    for (const entry of jsonEntries(Buffer.concat(json).toString("latin1"))) {
      if (!take(entry)) return;
    }
  } else if (rest !== "") take(rest);
}
