// The net under the front: the application answers for its own errors, and what is thrown before it would end the process.

import { createTellFailure, type FailureOptions, internalBody } from "../failure.ts";
import type { Exchange, FixedAnswer } from "./fixed-answers.ts";

type Caught = Pick<Exchange, "incoming" | "outgoing" | "method">;
export type Attempt = (exchange: Caught, work: () => unknown) => Promise<void>;

const internal: FixedAnswer = { status: 500, headers: {}, body: internalBody };

/**
 * @param answer writes an answer
 * @returns does some work for a request, whatever it throws or rejects with; never rejects
 */
export function createNet(
  options: FailureOptions,
  answer: (exchange: Exchange, answer: FixedAnswer) => void,
): Attempt {
  const tell = createTellFailure(options);
  return async (exchange, work) => {
    try {
      await work();
    } catch (error) {
      const { method, outgoing } = exchange;
      tell(error, { where: "front", method });
      try {
        if (!outgoing.headersSent) answer({ path: "", ...exchange }, internal);
      } catch {
        // The same error again, most likely. A client without an answer is better off than all clients without a server.
      }
      if (!outgoing.writableEnded) exchange.incoming.destroy();
    }
  };
}
