// Who is asking, known to everything that runs for one request, however deep inside a framework.

import { AsyncLocalStorage } from "node:async_hooks";

export interface ClientContext {
  readonly ip: string;
  readonly userAgent: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly door: string | undefined;
  /** The check under way; without a verdict at the end of the request its place is given back. */
  attempt?: {
    readonly id: string;
    readonly account: string | undefined;
    /** Whether a right secret signs somebody in. */
    readonly signsIn: boolean;
    settled: boolean;
  };
  /** The account is locked: its password is checked, and then called wrong. */
  locked?: boolean;
}

export const clientContext = new AsyncLocalStorage<ClientContext>();
