// Device cookies: one for each account that has signed in on this browser, which nobody but this server can make up.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { parse } from "hono/utils/cookie";

export interface DeviceCookie {
  readonly name: string;
  readonly id: string;
  /** New at each sign-in; only its hash is kept. */
  readonly secret: string;
}

export interface DeviceCookiesOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Whether browsers reach this server by https. */
  readonly secure: boolean;
}

export interface DeviceCookies {
  /** Those of a request that this server has made, a few at most. Whether they are still good only the database knows. */
  read(headers: Headers): DeviceCookie[];
  /** The same of a header `cookie` alone. */
  readText(cookie: string): DeviceCookie[];
  nameFor(userId: string): string;
  make(userId: string, id: string): DeviceCookie;
  value(cookie: DeviceCookie): string;
  readonly attributes: {
    readonly httpOnly: true;
    readonly sameSite: "lax";
    readonly path: "/";
    readonly secure: boolean;
    readonly maxAge: number;
  };
}

/** Accounts that one browser is remembered for. */
export const maxCookies = 5;
/** Sent together with more, a request is not a browser's. */
const mostRead = 4 * maxCookies;
const yearSeconds = 365 * 24 * 60 * 60;
/** 128 and 256 bits in base64url. */
const shape = /^([\w-]{22})\.([\w-]{22})\.([\w-]{43})$/;

/** 128 random bits. */
export const randomId = (): string => randomBytes(16).toString("base64url");

/** The secret has 128 bits of its own, so a plain hash of it gives nothing away. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

/** As OWASP's device cookies: bound to the account, signed, and new at each sign-in. */
export function createDeviceCookies({ key, secure }: DeviceCookiesOptions): DeviceCookies {
  // A browser takes a cookie of this name only over https, from this host, for all of its paths.
  const prefix = `${secure ? "__Host-" : ""}flux.device.`;
  const sign = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const signatureOf = ({ name, id, secret }: DeviceCookie): Buffer => sign(`cookie ${name}=${id}.${secret}`);

  /** Two accounts of one browser have two cookies, and a name gives no account away. */
  const nameFor = (userId: string): string =>
    prefix + sign(`account ${userId}`).toString("base64url").slice(0, 12);

  function verify(name: string, value: string): DeviceCookie[] {
    const [, id, secret, signature] = shape.exec(value) ?? [];
    if (id === undefined || secret === undefined || signature === undefined) return [];
    const cookie = { name, id, secret };
    return timingSafeEqual(signatureOf(cookie), Buffer.from(signature, "base64url")) ? [cookie] : [];
  }

  function readText(cookie: string): DeviceCookie[] {
    const cookies = Object.entries(parse(cookie));
    const ours = cookies.filter(([name]) => name.startsWith(prefix));
    return ours.slice(0, mostRead).flatMap(([name, value]) => verify(name, value));
  }

  return {
    read: (headers) => readText(headers.get("cookie") ?? ""),
    readText,
    nameFor,
    make: (userId, id) => ({ name: nameFor(userId), id, secret: randomId() }),
    value: (cookie) => `${cookie.id}.${cookie.secret}.${signatureOf(cookie).toString("base64url")}`,
    attributes: { httpOnly: true, sameSite: "lax", path: "/", secure, maxAge: yearSeconds },
  };
}
