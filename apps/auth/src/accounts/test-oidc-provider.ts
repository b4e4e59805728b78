// A real OpenID Connect provider on loopback, for tests, and a browser that goes there and back.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration, type InteractionResults } from "oidc-provider";
import { onTestFinished, vi } from "vitest";
import type { TestClient } from "./test-clients.ts";

export interface TestOidcUser {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export type TestOidcFault = "stalls" | "hangs up" | { readonly status: number; readonly body: string };

export const testOidcClient = { clientId: "flux", clientSecret: "the-secret-of-this-client-0123456789" };

/** @param redirectUri where the provider leads back to */
export async function startOidcProvider(redirectUri: string, more: Configuration = {}) {
  const state: {
    user: TestOidcUser;
    denies: boolean;
    answers: boolean;
    /** How many requests came. */
    requests: number;
    /** What goes wrong, by path. */
    faults: Readonly<Record<string, TestOidcFault>>;
  } = {
    user: { sub: "ada-there", email: "ada@example.com", email_verified: true, name: "Ada" },
    denies: false,
    answers: true,
    requests: 0,
    faults: {},
  };
  // It says at length that it is not set up for production.
  for (const method of ["info", "warn"] as const) {
    const spy = vi.spyOn(console, method).mockImplementation(() => {});
    onTestFinished(() => spy.mockRestore());
  }
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: testOidcClient.clientId,
        client_secret: testOidcClient.clientSecret,
        redirect_uris: [redirectUri],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    cookies: { keys: ["a key for cookies"] },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ ...state.user, sub }) }),
    ...more,
  });
  const serve = provider.callback();
  /** Signs the user in and agrees to everything, or denies. */
  async function interact(...[request, response]: Parameters<typeof serve>): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    let result: InteractionResults = { login: { accountId: state.user.sub } };
    if (state.denies) result = { error: "access_denied", error_description: "No." };
    else if (prompt.name === "consent") {
      const clientId = String(params.client_id);
      const grant = new provider.Grant({ accountId: session?.accountId ?? "", clientId });
      grant.addOIDCScope("openid email profile");
      result = { consent: { grantId: await grant.save() } };
    }
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }
  server.on("request", (request, response) => {
    state.requests++;
    if (!state.answers) return;
    const fault = state.faults[new URL(request.url ?? "", issuer).pathname];
    if (fault !== undefined) return fail(fault, response);
    if (!request.url?.startsWith("/interaction/")) return void serve(request, response);
    interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  /**
   * Follows the provider's redirects until they lead away from it.
   * @param url of the authorization request
   * @returns where the browser is led back to
   */
  async function visit(url: string): Promise<URL> {
    const cookies = new Map<string, string>();
    let next = new URL(url);
    for (let hop = 0; next.origin === issuer && hop < 10; hop++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(next, { redirect: "manual", headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/);
        cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) throw new Error(`${next.pathname}: ${response.status} ${await response.text()}`);
      next = new URL(location, next);
    }
    return next;
  }
  return { issuer, state, visit };
}
export type TestOidcProvider = Awaited<ReturnType<typeof startOidcProvider>>;

/** From the button to the page that the browser ends at. */
export async function signInThere(browser: TestClient, there: TestOidcProvider, body: object = {}) {
  const started = await browser.post("/sign-in/social", {
    provider: "acme",
    callbackURL: "/account",
    ...body,
  });
  const back = await there.visit(started.body.url ?? "");
  return comeBack(browser, back);
}

export async function comeBack(browser: TestClient, back: URL) {
  const answer = await browser.get(back.pathname.replace("/api/auth", "") + back.search);
  return { ...answer, at: answer.headers.get("location") ?? "" };
}

function fail(fault: TestOidcFault, response: ServerResponse): void {
  if (fault === "stalls") return;
  if (fault === "hangs up") response.destroy();
  else response.writeHead(fault.status, { "content-type": "application/json" }).end(fault.body);
}
