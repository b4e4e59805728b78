// The outermost gate, in whatever framework: it knows the client, counts the request, and refuses whoever is blocked.

import type { Guard, Outcome } from "../guard.ts";
import type { Signal, SignalType } from "../signal.ts";
import type { ClientContext } from "./client-context.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

/** @typeParam Asked what the framework hands over for a request. */
export interface GateOptions<Asked> {
  readonly guard: Guard;
  /** The credential door that a request asks, or undefined. Blocks refuse at doors only: open sessions go on. */
  readonly door: (method: string, path: string) => string | undefined;
  /**
   * What hands something out that a door will ask for, and takes no credential itself: refused to whoever is blocked, but no
   * request that is counted. @default none
   */
  readonly offer?: (method: string, path: string) => boolean;
  /**
   * What somebody else's page has brought its visitor to, such as a document of another site that a browser opens: refused to
   * whoever is blocked, and counted neither as a request nor as a wrong secret, or any page could get its visitors blocked. A
   * program can claim the same, so say yes only where no secret can be guessed. @default none
   */
  readonly brought?: (asked: Asked) => boolean;
  /**
   * Ids of the devices that a request at a door proves to be, of whatever accounts; a few at most. Such a request is counted
   * for its device and passes a rule's block of the address: which account it is about, and whether the device is one of
   * that account, is known only when the secret is checked, and asked again there. @default none
   */
  readonly devices?: (asked: Asked) => Promise<readonly string[]>;
  /** The path as it is recorded: take out what is secret in yours, such as the token of a reset link. @default unchanged */
  readonly recordedPath?: (path: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** What an adapter reads from a request. */
export interface Request {
  readonly ip: string;
  readonly userAgent: string | undefined;
  readonly method: string;
  /** First as it is to be recorded, then other spellings by which the framework's router may find the same handler. */
  readonly paths: readonly [string, ...string[]];
}

export interface Entry {
  readonly client: ClientContext;
  /** Undefined: it goes on, inside `clientContext.run(client, …)`. */
  readonly refusal: Refusal | undefined;
}

export interface Gate<Asked> {
  /** Answers at once where the guard does. */
  enter(request: Request, asked: Asked): Entry | Promise<Entry>;
  /** To be told when the handler is done: an attempt without a verdict gives its place back. */
  leave(client: ClientContext): void | Promise<void>;
}

export function createGate<Asked>({
  guard,
  door,
  offer = () => false,
  brought = () => false,
  devices,
  recordedPath = (path) => path,
  now = Date.now,
}: GateOptions<Asked>): Gate<Asked> {
  /** A device that is refused is no worse off than one that shows no cookie. */
  async function admitDevice(request: Signal, proven: Promise<readonly string[]>): Promise<Outcome> {
    for (const device of await proven) {
      const outcome = await guard.check({ ...request, device });
      if (passes(outcome)) return outcome;
    }
    return guard.check(request);
  }

  return {
    enter({ ip, userAgent, method, paths }, asked) {
      const client: ClientContext = {
        ip,
        userAgent,
        method,
        path: recordedPath(paths[0]),
        door: firstOf(paths, (path) => door(method, path)),
        brought: brought(asked),
      };
      if (client.door === undefined && !paths.some((path) => offer(method, path)))
        return { client, refusal: undefined };
      // A request without a door is refused to whoever is blocked, and not counted.
      const request = signalOf(client.brought ? { ...client, door: undefined } : client, "request", now());
      const entry = (outcome: Outcome): Entry => ({
        client,
        refusal: passes(outcome) ? undefined : refusalOf(outcome),
      });
      const answer = devices ? admitDevice(request, devices(asked)) : guard.check(request);
      return answer instanceof Promise ? answer.then(entry) : entry(answer);
    },

    leave(client) {
      const { attempt } = client;
      if (!attempt || attempt.settled) return undefined;
      attempt.settled = true;
      const { id, account, device, unguessable } = attempt;
      const abandoned = signalOf(client, "sign-in-abandoned", now());
      const answer = guard.record({ ...abandoned, id, account, device, unguessable });
      return answer instanceof Promise ? answer.then(() => undefined) : undefined;
    },
  };
}

/** A lock is about an account, which a request does not name. */
const passes = ({ action }: Outcome): boolean => action === "allow" || action === "lock";

function firstOf<Item, Result>(
  items: readonly Item[],
  find: (item: Item) => Result | undefined,
): Result | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function signalOf(
  { ip, userAgent, method, path, door }: ClientContext,
  type: SignalType,
  at: number,
): Signal {
  return { type, at, ip, userAgent, method, path, door };
}
