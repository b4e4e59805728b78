// Every endpoint of a running flux-auth, and requests that carry a canary secret in every place where a secret can travel.

import type { Hono } from "hono";
import type { z } from "zod";
import { type Auth, basePath } from "./auth.ts";
import { shortPathTargets } from "./short-paths.ts";
import type { Canaries } from "./test-canaries.ts";

export interface Endpoint {
  readonly methods: readonly string[];
  /** May hold parameters: `/reset-password/:token`. */
  readonly path: string;
  /** What its body is declared to have, as far as that is text and no link. */
  readonly fields: readonly string[];
  /** All that its body is declared to have. */
  readonly names: readonly string[];
}

export interface DoorRequest {
  readonly path: string;
  readonly init: RequestInit;
}

type Fields = Readonly<Record<string, string>>;

/** What the applications say they serve, so that no endpoint can be added and forgotten here. */
export function everyEndpoint(app: Hono, auth: Auth): Endpoint[] {
  const served = Object.values(auth.api).flatMap((endpoint) => {
    const { path, options } = endpoint as BetterAuthEndpoint;
    if (path === undefined) return [];
    return {
      methods: [options.method].flat(),
      path: basePath + path,
      fields: textFields(options.body?.shape),
      names: Object.keys(options.body?.shape ?? {}),
    };
  });
  const short = Object.keys(shortPathTargets).map((request) => {
    const [method = "", path = ""] = request.split(" ");
    return { methods: [method], path: basePath + path, fields: [], names: [] };
  });
  const routed = app.routes
    .filter(({ path }) => !path.includes("*"))
    .map(({ method, path }) => ({ methods: [method], path, fields: [], names: [] }));
  return [
    ...served,
    ...short,
    ...routed,
    { methods: ["POST"], path: `${basePath}/no-such-endpoint`, fields: [], names: [] },
  ];
}

interface BetterAuthEndpoint {
  readonly path?: string;
  readonly options: {
    readonly method: string | readonly string[];
    readonly body?: { readonly shape?: { readonly [name: string]: z.ZodType } };
  };
}

function textFields(shape: { readonly [name: string]: z.ZodType } = {}): string[] {
  return Object.keys(shape).filter(
    (name) => !/url$|^redirect/i.test(name) && shape[name]?.safeParse("x").success,
  );
}

/** Names under which clients send secrets; an endpoint ignores those that it does not know. */
const secretNames = [
  ...["password", "newPassword", "currentPassword", "token", "code", "otp", "secret"],
  ...["refreshToken", "accessToken", "idToken", "state"],
];
const emailNames = ["email", "newEmail"];
const linkNames = ["callbackURL", "redirectTo"];
const headerNames = [
  ...["proxy-authorization", "x-api-key", "x-csrf-token", "x-forwarded-for", "x-requested-with", "sec-ch-ua"],
];

/**
 * Requests with the endpoint's own methods and a wrong one: JSON with and without links, a form, broken JSON, values of wrong
 * types, a path with more behind it, and one that cannot prove its origin.
 */
export function requestsAt(canaries: Canaries, endpoint: Endpoint): DoorRequest[] {
  const wrong = endpoint.methods.includes("PUT") ? "PATCH" : "PUT";
  return [...endpoint.methods, wrong].flatMap((method) => {
    const variant = (kind: string, make: (label: string) => Variant): DoorRequest => {
      const label = `${method} ${endpoint.path}, ${kind}`;
      const { body, type = "application/json", tail = "", links = true, proof = true } = make(label);
      const headers = { ...headersAt(canaries, label), ...(proof ? { "x-flux-client": "test" } : {}) };
      const path = endpoint.path.replace(/:\w+/g, (name) => canaries.plant(`${label}, path ${name}`));
      return {
        path: path + tail + queryAt(canaries, label, links),
        init:
          method === "GET"
            ? { method, headers }
            : { method, headers: { ...headers, "content-type": type }, body },
      };
    };
    const all = (label: string) => ({ ...secretsAt(canaries, endpoint, label), ...linksAt(canaries, label) });
    return [
      variant("JSON", (label) => ({ body: JSON.stringify(all(label)) })),
      // The others are refused for where they lead before they are looked at any further.
      variant("JSON without links", (label) => ({
        body: JSON.stringify(secretsAt(canaries, endpoint, label)),
        links: false,
      })),
      variant("form", (label) => ({
        body: new URLSearchParams(all(label)).toString(),
        type: "application/x-www-form-urlencoded",
      })),
      variant("broken JSON", (label) => ({ body: JSON.stringify(all(label)).replaceAll('":"', '":') })),
      variant("wrong types", (label) => ({
        body: JSON.stringify(mapValues(all(label), (value) => ({ is: [value] }))),
        links: false,
      })),
      variant("longer path", (label) => ({ body: "{}", tail: `/${canaries.plant(`${label}, its end`)}` })),
      variant("no proof of origin", (label) => ({ body: JSON.stringify(all(label)), proof: false })),
    ];
  });
}

interface Variant {
  readonly body: string;
  readonly type?: string;
  readonly tail?: string;
  readonly links?: boolean;
  readonly proof?: boolean;
}

/** Every secret that the body of a request to the endpoint can carry. */
export function secretsAt(canaries: Canaries, { fields }: Endpoint, label: string): Fields {
  return {
    ...planted([...secretNames, ...fields], (name) => canaries.plant(`${label}, field ${name}`)),
    ...planted(emailNames, (name) => canaries.plantEmail(`${label}, field ${name}`)),
  };
}

function linksAt(canaries: Canaries, label: string): Fields {
  const secret = (name: string) => canaries.plant(`${label}, link ${name}`);
  return planted(linkNames, (name) => `https://elsewhere.example/?token=${secret(name)}`);
}

function queryAt(canaries: Canaries, label: string, links: boolean): string {
  const names = [...secretNames, ...emailNames, ...(links ? linkNames : [])];
  return `?${new URLSearchParams(planted(names, (name) => canaries.plant(`${label}, query ${name}`)))}`;
}

/** The user agent is a tool's, so that every request to a door is detected and recorded. */
function headersAt(canaries: Canaries, label: string): Fields {
  const secret = (name: string) => canaries.plant(`${label}, header ${name}`);
  const bearer = secret("authorization");
  return {
    ...planted(headerNames, secret),
    "user-agent": "curl/7.68.0",
    authorization: label.endsWith("form") ? `Basic ${btoa(`me:${bearer}`)}` : `Bearer ${bearer}`,
    cookie: [
      `flux.session_token=${secret("session cookie")}`,
      `flux.refresh_token=${secret("refresh cookie")}`,
      `flux.device=${secret("other cookie")}`,
    ].join("; "),
    referer: `http://localhost:3001/reset?token=${secret("referer")}`,
    from: canaries.plantEmail(`${label}, header from`),
  };
}

function planted(names: readonly string[], make: (name: string) => string): Fields {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function mapValues<Value>(fields: Fields, change: (value: string) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));
}
