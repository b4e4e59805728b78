// Somebody with a browser, for tests: keeps cookies, signs up and in, has an authenticator app.

import { base32 } from "@better-auth/utils/base32";
import { createOTP } from "@better-auth/utils/otp";
import { basePath } from "../auth.ts";
import type { startTestApp } from "../test-app.ts";
import { program } from "../test-app.ts";

type TestApp = Pick<Awaited<ReturnType<typeof startTestApp>>, "ask">;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

/** What tests look at in answers; a text that is no JSON has none of it. */
interface AnswerBody {
  readonly [field: string]: unknown;
  readonly code?: string;
  readonly token?: string | null;
  readonly user?: { readonly [field: string]: unknown };
  readonly totpURI?: string;
  readonly backupCodes?: readonly string[];
  readonly url?: string;
  readonly devices?: readonly { readonly id: string; readonly [field: string]: unknown }[];
  readonly events?: readonly { readonly [field: string]: unknown }[];
}

export function createTestClient({ ask }: TestApp, ip: string) {
  const cookies = new Map<string, string>();

  async function send(method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const all = { ...program, ...(cookie ? { cookie } : {}), ...headers };
    const response = await ask(
      basePath + path,
      { method, headers: all, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
      ip,
    );
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value.join("="));
    }
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== "" ? JSON.parse(text) : { text },
    };
  }

  return {
    ip,
    cookies,
    get: (path: string, headers: object = {}) => send("GET", path, undefined, headers),
    post: (path: string, body: object = {}, headers: object = {}) => send("POST", path, body, headers),
  };
}
export type TestClient = ReturnType<typeof createTestClient>;

/** The app on somebody's phone. @param uri as it stands in the QR code */
export function createAuthenticator(uri: string) {
  const secret = new TextDecoder().decode(base32.decode(new URL(uri).searchParams.get("secret") ?? ""));
  /** @param ahead how many codes later; one is still taken, as clocks differ */
  return {
    secret,
    code: (ahead = 0) => createOTP(secret).hotp(Math.floor(Date.now() / 30_000) + ahead),
  };
}
