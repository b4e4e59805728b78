// Who is asking, known to everything that runs for one request, however deep inside a framework.

import { AsyncLocalStorage } from "node:async_hooks";

export interface ClientContext {
  readonly ip: string;
  readonly userAgent: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly door: string | undefined;
  /** See `GateOptions`. */
  readonly brought?: boolean;
  /** The check under way; without a verdict at the end of the request its place is given back. */
  attempt?: {
    readonly id: string;
    /** Stays in this process: signals name the account by its hash. */
    readonly email: string | undefined;
    readonly account: string | undefined;
    /** The known device of that account. */
    readonly device: string | undefined;
    /** See `Signal`. */
    readonly unguessable: boolean;
    /** Whether a right secret signs somebody in. */
    readonly signsIn: boolean;
    settled: boolean;
  };
  /** The device that the session made in this request is kept with; whoever makes the session says so. */
  device?: string;
  /** The account is locked: its password is checked, and then called wrong. */
  locked?: boolean;
}

export const clientContext = new AsyncLocalStorage<ClientContext>();
