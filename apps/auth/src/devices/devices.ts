// Known devices: which of an account's devices a request proves to be, and how a browser becomes one.

import { timingSafeEqual } from "node:crypto";
import type { PlaceLookup } from "@fluxstudio/guard";
import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import { browserName } from "../mail/browser-name.ts";
import {
  createDeviceCookies,
  type DeviceCookie,
  type DeviceCookies,
  hashOf,
  maxCookies,
} from "./device-cookies.ts";
import { createDeviceStore, type DeviceRow, type DeviceStore, type OwnedDevice } from "./device-store.ts";

export interface DevicesOptions {
  readonly database: Database;
  /** Signs the cookies; 32 bytes. */
  readonly key: Uint8Array;
  readonly publicUrl: string;
  readonly accountKey: (email: string) => string;
  readonly place?: PlaceLookup | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whose browser is to be known, and what is seen of it. */
export interface Visit {
  readonly headers: Headers;
  readonly userId: string;
  /** The device that the session is kept with. */
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string | undefined;
}

export interface Remembered {
  /** To be set, an empty value to be deleted. */
  readonly cookies: readonly { readonly name: string; readonly value: string; readonly maxAge: number }[];
  readonly attributes: DeviceCookies["attributes"];
  readonly isNew: boolean;
  /** The account never had one before. */
  readonly isFirst: boolean;
}

export interface Devices extends Pick<DeviceStore, "list" | "forgetUser"> {
  /** Ids of the devices that a request proves to be, of any accounts. May be some seconds old. */
  proven(headers: Headers): Promise<string[]>;
  /** Ids in the cookies that this server has signed; whether they are still good only the table knows. */
  shown(cookie: string): string[];
  /** The device of this account (see `createAccountKey`) that a request proves to be. */
  ofAccount(headers: Headers, account: string): Promise<string | undefined>;
  ofUser(headers: Headers, userId: string): Promise<string | undefined>;
  /** By user: the devices that a request proves to be. */
  ofUsers(headers: Headers): Promise<ReadonlyMap<string, string>>;
  remember(visit: Visit): Promise<Remembered>;
  revoke(userId: string, id: string): Promise<boolean>;
}

/** How long the gate goes by what it has read before; where a secret is checked, the table is asked each time. */
const gateMs = 10_000;

export function createDevices(options: DevicesOptions): Devices {
  const { database, key, publicUrl, accountKey, place, now } = options;
  const cookies = createDeviceCookies({ key, secure: publicUrl.startsWith("https:") });
  const store = createDeviceStore(database);
  /** Bounds what a flood with true cookies costs: each was given out by this server, so there are not many. */
  const atGate = new LRUCache<string, { readonly isGood: boolean; readonly at: number }>({ max: 10_000 });

  async function good(shown: readonly DeviceCookie[]): Promise<(OwnedDevice & { shown: DeviceCookie })[]> {
    const rows = await store.find(shown.map(({ id }) => id));
    return rows.flatMap((row) => {
      const cookie = shown.find(({ id, secret }) => id === row.id && isSecretOf(row, hashOf(secret)));
      return cookie ? [{ ...row, shown: cookie }] : [];
    });
  }

  async function proven(headers: Headers): Promise<string[]> {
    const shown = cookies.read(headers);
    const unknown = shown.filter(({ id, secret }) => {
      const known = atGate.get(`${id}.${secret}`);
      return !known || now() - known.at >= gateMs;
    });
    if (unknown.length > 0) {
      const rows = await good(unknown);
      for (const { id, secret } of unknown) {
        atGate.set(`${id}.${secret}`, { isGood: rows.some((row) => row.id === id), at: now() });
      }
    }
    return shown.filter(({ id, secret }) => atGate.get(`${id}.${secret}`)?.isGood).map(({ id }) => id);
  }

  /** Cookies of devices that are no longer known go, and beyond the bound those unused for the longest time. */
  function left(rows: readonly DeviceRow[], headers: Headers, own: DeviceCookie): DeviceCookie[] {
    const order = [...rows].sort((one, other) => other.last_used_at - one.last_used_at).map(({ id }) => id);
    const kept = order.filter((id) => id !== own.id).slice(0, maxCookies - 1);
    return cookies.read(headers).filter(({ id, name }) => name !== own.name && !kept.includes(id));
  }

  return {
    list: store.list,
    forgetUser: store.forgetUser,
    proven,
    shown: (cookie) => cookies.readText(cookie).map(({ id }) => id),

    async ofAccount(headers, account) {
      const rows = await good(cookies.read(headers));
      return rows.find(({ email }) => accountKey(email) === account)?.id;
    },

    async ofUser(headers, userId) {
      // Who has just signed up has none, and nothing is asked inside the transaction that makes the account.
      const own = cookies.read(headers).filter(({ name }) => name === cookies.nameFor(userId));
      const rows = await good(own);
      return rows.find((row) => row.user_id === userId)?.id;
    },

    async ofUsers(headers) {
      const rows = await good(cookies.read(headers));
      return new Map(rows.map(({ user_id, id }) => [user_id, id]));
    },

    async remember({ headers, userId, id, ip, userAgent }) {
      const at = Math.trunc(now());
      const rows = await good(cookies.read(headers));
      const own = cookies.make(userId, id);
      const { country = null, city = null } = place?.(ip) ?? {};
      const seen = { name: browserName(userAgent), last_used_at: at, last_ip: ip, country, city };
      const known = rows.find((row) => row.id === id && row.user_id === userId);
      const gone = left(rows, headers, own).map(({ name }) => ({ name, value: "", maxAge: 0 }));
      const set = { name: own.name, value: cookies.value(own), maxAge: cookies.attributes.maxAge };
      const { attributes } = cookies;
      if (known) {
        const rotated = await store.rotate(id, hashOf(known.shown.secret), hashOf(own.secret), at);
        await store.touch({ id, ...seen });
        return { cookies: rotated ? [set, ...gone] : gone, attributes, isNew: false, isFirst: false };
      }
      const isFirst = await store.add({
        ...{ id, user_id: userId, ...seen, created_at: at, secret_hash: hashOf(own.secret) },
        ...{ previous_hash: null, rotated_at: at, revoked_at: null },
      });
      return { cookies: [set, ...gone], attributes, isNew: true, isFirst };
    },

    async revoke(userId, id) {
      const revoked = await store.revoke(userId, id, Math.trunc(now()));
      // Here at once; the gate of another process follows in some seconds, and where a secret is checked none is asked.
      atGate.clear();
      return revoked;
    },
  };
}

/** The secret before the last one counts too: the answer with the last one may not have arrived. */
function isSecretOf({ secret_hash, previous_hash }: DeviceRow, hash: string): boolean {
  return [secret_hash, previous_hash].some(
    (kept) => kept !== null && timingSafeEqual(Buffer.from(kept), Buffer.from(hash)),
  );
}
