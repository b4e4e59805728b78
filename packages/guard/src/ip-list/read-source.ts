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

const mostRedirects = 5;

/** @returns "unchanged" when the validators say so */
export async function openSource(
  source: ResolvedSource,
  known: Validators | undefined,
  { maxBytes, timeoutMs }: ReadLimits,
): Promise<OpenSource | "unchanged"> {
  const signal = AbortSignal.timeout(timeoutMs);
  const opened = await (source.kind === "url" ? openUrl : openFile)(source.from, known, maxBytes, signal);
  if (opened === "unchanged") return opened;
  return { ...opened, chunks: bounded(opened.chunks, maxBytes) };
}

async function openUrl(
  url: string,
  known: Validators | undefined,
  maxBytes: number,
  signal: AbortSignal,
): Promise<OpenSource | "unchanged"> {
  // Of what is packed `fetch` takes the beginning for the whole, so that it would not be seen that the end is missing.
  const headers = new Headers({ "accept-encoding": "identity" });
  if (known?.etag !== undefined) headers.set("if-none-match", known.etag);
  if (known?.lastModified !== undefined) headers.set("if-modified-since", known.lastModified);
  const response = await follow(url, headers, signal);
  const { status, body, headers: answered } = response;
  const isConditional = known?.etag !== undefined || known?.lastModified !== undefined;
  if (status === 304 && isConditional) return "unchanged";
  if (status !== 200 || body === null) {
    await body?.cancel();
    throw new SourceFailure("HTTP_STATUS", `it was answered with status ${status}`);
  }
  if (Number(answered.get("content-length") ?? 0) > maxBytes) {
    await body.cancel();
    throw tooLarge(maxBytes);
  }
  const etag = answered.get("etag") ?? undefined;
  const lastModified = answered.get("last-modified") ?? undefined;
  return { chunks: chunksOf(response), validators: { etag, lastModified } };
}

/** Holds the answer until somebody reads: `fetch` ends the body of one that is collected before that, as if it were empty. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body) yield* response.body;
}

/** Where one step goes over http, somebody on the way decides where the next one leads, so that each is looked at. */
async function follow(url: string, headers: Headers, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let steps = 0; steps <= mostRedirects; steps++) {
    const response = await fetch(at, { headers, signal, redirect: "manual" });
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at).href;
    if (at.startsWith("https:") && !next.startsWith("https:")) {
      throw new SourceFailure("INSECURE_REDIRECT", "it leads from https to http");
    }
    at = next;
  }
  throw new SourceFailure("UNREADABLE", `it leads on more than ${mostRedirects} times`);
}

async function openFile(
  path: string,
  known: Validators | undefined,
  maxBytes: number,
  signal: AbortSignal,
): Promise<OpenSource | "unchanged"> {
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
    if (size > maxBytes) throw tooLarge(maxBytes);
    return { chunks: file.createReadStream({ signal }), validators: { etag } };
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
