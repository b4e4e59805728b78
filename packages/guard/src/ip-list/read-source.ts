// Opens a file or a URL, unless it is what it was the last time.

import { constants, open } from "node:fs/promises";
import { SourceFailure } from "./failure.ts";
import type { ResolvedSource, Validators } from "./source.ts";

export interface ReadLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface OpenSource {
  /** Throws a `SourceFailure`, or what went wrong, also in its midst. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly validators: Validators;
}

/** @returns "unchanged" when the validators say so */
export async function openSource(
  source: ResolvedSource,
  known: Validators | undefined,
  limits: ReadLimits,
): Promise<OpenSource | "unchanged"> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  const opened = await (source.kind === "url" ? openUrl : openFile)(source.from, known, signal);
  if (opened === "unchanged") return opened;
  if (opened.bytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return { validators: opened.validators, chunks: bounded(opened.chunks, limits.maxBytes) };
}

interface Opened extends OpenSource {
  /** As far as it is known beforehand, else 0. */
  readonly bytes: number;
}

async function openUrl(
  url: string,
  known: Validators | undefined,
  signal: AbortSignal,
): Promise<Opened | "unchanged"> {
  // Of what is packed `fetch` takes the beginning for the whole, so that it would not be seen that the end is missing.
  const headers = new Headers({ "accept-encoding": "identity" });
  if (known?.etag !== undefined) headers.set("if-none-match", known.etag);
  if (known?.lastModified !== undefined) headers.set("if-modified-since", known.lastModified);
  const response = await fetch(url, { headers, signal });
  const refuse = async (failure: SourceFailure) => {
    await response.body?.cancel();
    return failure;
  };
  if (url.startsWith("https:") && !response.url.startsWith("https:")) {
    throw await refuse(new SourceFailure("INSECURE_REDIRECT", "it leads from https to http"));
  }
  const isConditional = known?.etag !== undefined || known?.lastModified !== undefined;
  if (response.status === 304 && isConditional) return "unchanged";
  if (response.status !== 200 || response.body === null) {
    throw await refuse(new SourceFailure("HTTP_STATUS", `it was answered with status ${response.status}`));
  }
  const { headers: answered, body } = response;
  const validators = {
    etag: answered.get("etag") ?? undefined,
    lastModified: answered.get("last-modified") ?? undefined,
  };
  return { chunks: body, validators, bytes: Number(answered.get("content-length") ?? 0) };
}

async function openFile(
  path: string,
  known: Validators | undefined,
  signal: AbortSignal,
): Promise<Opened | "unchanged"> {
  // Of a pipe that nobody writes to, the opening alone would take for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    const { size, mtimeMs, ino, dev } = stats;
    if (!stats.isFile()) throw new SourceFailure("UNREADABLE", "it is no regular file");
    const etag = `${dev}-${ino}-${size}-${mtimeMs}`;
    if (known?.etag === etag) {
      await file.close();
      return "unchanged";
    }
    return { chunks: file.createReadStream({ signal }), validators: { etag }, bytes: size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Counted as they are unpacked: what is packed small can be large. */
async function* bounded(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

const tooLarge = (maxBytes: number) => new SourceFailure("TOO_LARGE", `it has more than ${maxBytes} bytes`);
