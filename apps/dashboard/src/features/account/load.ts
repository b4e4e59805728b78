// Asks the server for something to show on a page of the account.

import { type Problem, type ServerError, toProblem } from "../../problems/problem.ts";

/** What a query of these pages fails with. */
export class LoadError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.text);
    this.name = "LoadError";
    this.problem = problem;
  }
}

/** @throws LoadError */
export async function load<Data>(
  request: Promise<{ readonly data: Data | null; readonly error: ServerError | null }>,
): Promise<Data> {
  const { data, error } = await request;
  if (error !== null) throw new LoadError(toProblem(error, Date.now()));
  return data as Data;
}
