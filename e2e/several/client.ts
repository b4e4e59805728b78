// What attackers and owners send to a flux-auth, each from an address of its own.

import { Agent, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly ms: number;
}

/** A password was looked at: it was wrong, or right. */
export const wasChecked = ({ status }: Answer): boolean => status === 401 || status === 200;

const agent = new Agent({ keepAlive: true, maxSockets: 250 });

/** @param ip whom the proxy in front says that it comes from */
export function ask(server: string, path: string, ip: string, body?: object): Promise<Answer> {
  const begin = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(
    `${server}${path}`,
    {
      agent,
      method: body ? "POST" : "GET",
      headers: {
        "x-forwarded-for": ip,
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ...(body && { "content-type": "application/json", origin: server }),
      },
    },
    (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - begin }));
    },
  );
  sent.on("error", reject);
  sent.end(body && JSON.stringify(body));
  return promise;
}

export const signIn = (server: string, ip: string, email: string, password: string): Promise<Answer> =>
  ask(server, "/api/auth/sign-in/email", ip, { email, password });

/** At a door that takes a credential and looks at no password: a block is answered with 403, anybody else with 401. */
export const knock = (server: string, ip: string): Promise<Answer> =>
  ask(server, "/api/auth/token/refresh", ip, {});

export async function readiness(server: string): Promise<string> {
  const response = await fetch(`${server}/readyz`);
  const { status } = (await response.json()) as { status: string };
  return status;
}

/** @param share e.g. 0.99 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
