// Passwords: argon2id off the event loop, old bcrypt hashes verified and replaced, and no more at once than the cores bear.

import { type ClientContext, clientContext } from "@fluxstudio/guard/client-context";
import { traceStep } from "@fluxstudio/telemetry";
import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { APIError } from "better-auth/api";
import { createFairQueue, type FairQueueStatus, type JobSource } from "./fair-queue.ts";
import { visit } from "./front/waiting-room.ts";
import { hashesAtOnce, knownDevice, ourselves, queueLimits, strangerAt } from "./password-queue.ts";

export interface PasswordCost {
  /** In KiB. */
  readonly memoryCost: number;
  /** Passes over the memory. */
  readonly timeCost: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. */
const owaspCost: PasswordCost = { memoryCost: 19_456, timeCost: 2 };

export interface Rehash {
  readonly from: string;
  readonly to: string;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  verify(check: { hash: string; password: string }): Promise<boolean>;
  /** The old hash that has just been verified, and the new one to put in its place, once. */
  takeRehash(): Rehash | undefined;
  /** Whether the password of a stranger at this address would be answered with BUSY at present; it counts as refused then. */
  isBusy(ip: string): boolean;
  status(): FairQueueStatus;
}

/** @param cost of the hashes that are made; those that are verified say theirs */
export function createPasswords(cost = owaspCost): Passwords {
  // Algorithm 2 is argon2id.
  const parameters = { ...cost, algorithm: 2, parallelism: 1 } as const;
  const queue = createFairQueue({ ...queueLimits, concurrency: hashesAtOnce, makeBusyError });
  const rehashes = new WeakMap<ClientContext, Rehash>();

  async function queued<Result>(run: () => Promise<Result>): Promise<Result> {
    const client = clientContext.getStore();
    const startedAt = performance.now();
    try {
      return await queue.run(sourceOf(client), run);
    } finally {
      traceStep("crypto.hash", "password hash", performance.now() - startedAt);
      visit.getStore()?.leave();
    }
  }

  return {
    hash: (password) => queued(() => argon2Hash(password, parameters)),
    verify({ hash: stored, password }) {
      const client = clientContext.getStore();
      return queued(async () => {
        const old = stored.startsWith("$2");
        const right = await (old ? bcryptVerify(stored, password) : argon2Verify(stored, password));
        if (client?.locked) return false;
        // In the same place: a right password must not be refused because the queue has filled up meanwhile.
        if (right && old && client) {
          rehashes.set(client, { from: stored, to: await argon2Hash(password, parameters) });
        }
        return right;
      });
    },
    takeRehash() {
      const client = clientContext.getStore();
      const made = client && rehashes.get(client);
      if (client) rehashes.delete(client);
      return made;
    },
    isBusy: (ip) => queue.refuses(strangerAt(ip)),
    status: queue.status,
  };
}

function sourceOf(client: ClientContext | undefined): JobSource {
  if (!client) return ourselves;
  const device = client.attempt?.device;
  return device === undefined ? strangerAt(client.ip) : knownDevice(device);
}

/** Loaded with the first old hash; most servers have none. */
async function bcryptVerify(stored: string, password: string): Promise<boolean> {
  const { verify } = await import("@node-rs/bcrypt");
  return verify(password, stored);
}

export const busyAnswer = {
  body: { code: "BUSY", message: "Too many sign-ins at once. Try again." },
  headers: { "Retry-After": "3" },
} as const;

const makeBusyError = () => new APIError("SERVICE_UNAVAILABLE", busyAnswer.body, busyAnswer.headers);
