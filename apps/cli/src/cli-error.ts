// What a user of `flux` did wrong, or what went wrong for him: a sentence for the terminal and an exit code.

export type CliErrorCode = "USAGE" | "UNREADABLE" | "SERVER" | "NOT_FOUND";

/** 2: the command line is wrong. 1: it was right, and something else went wrong. */
const exitCodes: Record<CliErrorCode, number> = { USAGE: 2, UNREADABLE: 1, SERVER: 1, NOT_FOUND: 1 };

export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly exitCode: number;

  constructor(code: CliErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CliError";
    this.code = code;
    this.exitCode = exitCodes[code];
  }
}

export const usageError = (message: string): CliError => new CliError("USAGE", message);
