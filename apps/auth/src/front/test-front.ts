// flux-auth on a socket, with its front before it, and a crowd that wants passwords checked; for tests.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { clientContext } from "@fluxstudio/guard/client-context";
import { getRequestListener } from "@hono/node-server";
import { onTestFinished } from "vitest";
import { strangerAt } from "../password-queue.ts";
import type { Passwords } from "../passwords.ts";
import { program, startTestApp } from "../test-app.ts";

export const login = "/api/auth/login";
/** Stands for an answer so long that a client which does not read it can keep it from ending. */
export const unanswered = "/unanswered";
/** A header that stands for an application that fails: `before` it answers, or `while` it does. */
const fails = "x-fails";
export const password = "correct horse battery";

export async function startFront(env: Readonly<Record<string, string>> = {}) {
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { TRUSTED_PROXIES: "127.0.0.1", ...env } });
  const handedOn: string[] = [];
  const application = getRequestListener(flux.app.fetch);
  const listener = flux.front((incoming, outgoing) => {
    handedOn.push(incoming.url ?? "");
    if (incoming.headers[fails] === "while") outgoing.writeHead(200).write("It begins well, ");
    if (incoming.headers[fails] !== undefined) throw new Error("and ends like this.");
    return incoming.url === unanswered ? undefined : application(incoming, outgoing);
  });
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let asked = 0;
  /** After a sign-in of somebody else a place may be empty. */
  let fill = () => {};
  const post = (path: string, body: object, { ip = `198.18.${++asked}.1`, ...headers }: Headed = {}) => {
    fill();
    return fetch(origin + path, {
      method: "POST",
      headers: { ...program, "x-forwarded-for": ip, ...headers },
      body: JSON.stringify(body),
    });
  };

  /** As many passwords as may wait, from these addresses, in place of each that was checked another one; until the test ends. */
  function crowd(addresses: readonly string[]) {
    let isOver = false;
    let next = 0;
    const waiting = new Set<Promise<void>>();
    const add = (ip: string) => {
      const goOn = () => {
        const done = hashAt(ip, flux.passwords)
          .then(fillAgain)
          .finally(() => waiting.delete(done));
        waiting.add(done);
      };
      flux.room.enter(strangerAt(ip), { goOn, turnAway: () => {} });
    };
    // In the same turn of the event loop, behind whoever is called in: no request finds the place empty.
    const fillAgain = async () => {
      for (let i = 0; i < 20; i++) await undefined;
      fill();
    };
    fill = () => {
      for (; !isOver; next++) {
        const ip = addresses[next % addresses.length] ?? "";
        if (flux.room.isFull(strangerAt(ip))) return;
        add(ip);
      }
    };
    fill();
    onTestFinished(async () => {
      isOver = true;
      while (waiting.size > 0) await Promise.all(waiting);
    });
  }
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...flux, origin, handedOn, post, crowd };
}

export interface Headed {
  readonly ip?: string;
  readonly [header: string]: string | undefined;
}

/** As many as may wait and more, each in a network of its own. */
export const everywhere = Array.from({ length: 300 }, (_, i) => `10.${i >> 8}.${i & 255}.7`);

/** A password of somebody at this address; that there is no place for it is none of anybody's business. */
export async function hashAt(ip: string, passwords: Pick<Passwords, "hash">): Promise<void> {
  const client = { ip, userAgent: undefined, method: "POST", path: login, door: "sign-in" };
  await clientContext.run(client, () => passwords.hash(password)).catch(() => {});
}
