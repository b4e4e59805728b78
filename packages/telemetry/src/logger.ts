// The log: one JSON object a line, times in ISO 8601, and no secret in it.

import { hostname } from "node:os";
import { type DestinationStream, destination, type Logger as PinoLogger, pino } from "pino";
import { createLineBuffer } from "./line-buffer.ts";
import { redact } from "./redact.ts";
import { requestFields } from "./request-context.ts";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where the lines go. @default standard output */
  readonly stream?: DestinationStream;
}

/** JSON leaves DEL and the C1 controls as they are, and a terminal on which somebody reads the log obeys them. */
const escapeControls = (line: string): string =>
  line.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);

/**
 * Writes a line whose fields are JSON already: `"method":"GET","status":200`. For what is written for each request, and holds
 * nothing that has to be looked through for secrets.
 */
export type WriteFields = (level: LogLevel, fields: string, message: string) => void;

const writers = new WeakMap<Logger, WriteFields>();

/** Of a log that `createLogger` has made, not of its children. */
export const fieldWriterOf = (logger: Logger): WriteFields | undefined => writers.get(logger);

/** Of the lines of one millisecond the time is written out once. */
function createTimestamp(): () => string {
  let latest = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== latest) text = `,"time":"${new Date(now).toISOString()}"`;
    latest = now;
    return text;
  };
}

/**
 * Makes a log. Fields named after a secret (`password`, `token`, `cookie`, `authorization`, `code`, and the like) become
 * `[redacted]` at any depth, in lines and in child bindings; of an error only type, message, code, stack and causes are kept.
 * What is written for a request has its ids.
 */
export function createLogger({ level, stream }: LoggerOptions): Logger {
  const timestamp = createTimestamp();
  const base = { pid: process.pid, hostname: hostname() };
  const options = {
    ...{ level, timestamp, base },
    // Pino's own redaction names paths, so a secret one level deeper than expected gets through; this walks.
    formatters: {
      level: (label: string) => ({ level: label }),
      log: redact,
    },
    mixin: requestFields,
    // What `redact` has made of an error is final.
    serializers: { err: (value: unknown) => value },
    hooks: { streamWrite: escapeControls },
  };
  const lines = stream ?? createLineBuffer(destination({ dest: 1, sync: true }));
  const logger: Logger = pino(options, lines);
  const ofProcess = JSON.stringify(base).slice(1, -1);
  writers.set(logger, (label, fields, message) => {
    const line = `{"level":"${label}"${timestamp()},${ofProcess},${fields},"msg":"${message}"}\n`;
    lines.write(escapeControls(line));
  });
  // Children are made from their parent, so they inherit this; pino itself formats the root's bindings only.
  const { child } = logger;
  logger.child = function (this: Logger, bindings, childOptions) {
    return child.call(this, redact(bindings), childOptions);
  } as Logger["child"];
  return logger;
}
