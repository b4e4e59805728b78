// What a person is told who runs a program here on a machine that lacks one of the servers it needs.

import { MissingProgram } from "../tools/test-services/system-program.ts";

/** Ends this process with the sentence that says what to install, and nothing else; other errors go their way. */
export async function orMissing<Result>(running: Promise<Result>): Promise<Result> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof MissingProgram)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
