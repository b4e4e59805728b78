// Generated requests that no client of ours sends: odd values, odd bodies, odd headers, and whatever of somebody else's fits in.

import fc from "fast-check";
import type { Endpoint } from "./test-doors.ts";

export interface BadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  /** Whose session, if anybody's, and whether it is an operator who asks. */
  readonly as: "nobody" | "somebody" | "operator";
}

/** What belongs to somebody, and is worth something in the right place only. */
export interface Belongings {
  readonly email: string;
  readonly password: string;
  readonly resetToken: string;
  readonly verifyToken: string;
  readonly sessionToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
}

const unsignedToken = `${btoa('{"alg":"none"}')}.${btoa('{"email":"admin@example.com"}')}.`;
const none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.";

const oddTexts = [
  ...["", " ", "\0", "a\0b", "\ud800", "x\udfff", "\u202e", "\r\nset-cookie: a=b", "%00", "%zz", "null"],
  ...["__proto__", "constructor", "toString", "' or '1'='1", "{{7*7}}", "$(id)", "../../etc/passwd"],
  ...[
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
  ],
  ...["аdmin@example.com", "admin@exаmple.com", "ａdmin@example.com", "ADMIN@EXAMPLE.COM", "admin@пример.рф"],
  ...["a@b", "a@@b.example", "a@b.example\0", "a@b.example,c@d.example", '"a b"@c.example', "a@[127.0.0.1]"],
  ...[
    "a@b.example\r\nBcc: c@d.example",
    `${"a".repeat(10_000)}@example.com`,
    "-1",
    "1e999",
    "🦄".repeat(300),
  ],
  ...[none, unsignedToken, "0".repeat(5_000), "x".repeat(50_000), "00000000-0000-0000-0000-000000000000"],
];
const oddValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, [], {}, [null], { $ne: null }, { length: 1e9 }, [[["x"]]]],
  ...[{ toString: "x" }, { __proto__x: 1 }, ["a@b.example", "c@d.example"]],
];

const oddText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  fc.string({ unit: "binary", maxLength: 300 }),
);
const oddValue = fc.oneof(
  { weight: 4, arbitrary: oddText },
  fc.constantFrom(...oddValues),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Fields that some endpoint reads, beside those that it declares. */
const otherNames = [
  ...["email", "newEmail", "password", "newPassword", "currentPassword", "name", "image", "token", "code"],
  ...["callbackURL", "redirectTo", "rememberMe", "role", "emailVerified", "id", "userId", "refreshToken"],
  ...["tokens", "trustDevice", "response", "scope", "value", "action", "durationMs"],
];

/** What could stand in a field if somebody meant it. */
function meant(name: string, mine: Belongings): fc.Arbitrary<unknown> {
  const tokens = [mine.resetToken, mine.verifyToken, mine.sessionToken, mine.accessToken, mine.refreshToken];
  switch (name) {
    case "email":
    case "newEmail":
      return fc.constantFrom(mine.email, "somebody.else@example.com");
    case "password":
    case "currentPassword":
      return fc.constantFrom(mine.password, "a wrong password");
    case "newPassword":
      return fc.constant("another horse battery");
    case "token":
    case "refreshToken":
      return fc.constantFrom(...tokens);
    case "code":
      return fc.constantFrom("123456", "abcde-fghij");
    case "callbackURL":
    case "redirectTo":
      return fc.constantFrom("/", "/account?x=1");
    case "id":
    case "userId":
      return fc.constant(mine.userId);
    default:
      return fc.constantFrom("x", "Ada", true, 1);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Mostly what is meant, with something odd here and there. */
function fieldsFor({ names }: Endpoint, mine: Belongings): fc.Arbitrary<Fields> {
  const declared = names.map((name) => [
    name,
    fc.oneof({ weight: 2, arbitrary: meant(name, mine) }, oddValue),
  ]);
  const chosen = fc
    .uniqueArray(fc.constantFrom(...otherNames), { maxLength: 4 })
    .chain((others) =>
      fc.record(Object.fromEntries(others.map((name) => [name, fc.oneof(meant(name, mine), oddValue)]))),
    );
  return fc
    .tuple(fc.record(Object.fromEntries(declared), { requiredKeys: [] }), chosen)
    .map(([first, others]) => ({ ...others, ...first }));
}

interface Body {
  readonly body: string;
  readonly type: string | undefined;
}

const json = "application/json";
const polluting =
  '"__proto__":{"polluted":true,"role":"admin"},"constructor":{"prototype":{"polluted":true}}';
const nested = `${'{"a":['.repeat(4_000)}1${"]}".repeat(4_000)}`;

function bodyOf(fields: Fields): fc.Arbitrary<Body> {
  const text = JSON.stringify(fields);
  const inner = text.slice(1, -1);
  const as = (body: string, type: string | undefined = json) => fc.constant({ body, type });
  // Large ones are made when they are sent: of all these, one is.
  const large = (body: () => string) => fc.constant(json).map((type) => ({ body: body(), type }));
  return fc.oneof(
    { weight: 8, arbitrary: as(text) },
    // Duplicate fields, keys that objects already have, depth, no object at all.
    as(`{${[inner, '"email":"x@example.com","email":null', '"token":"a","token":"b"'].filter(Boolean)}}`),
    as(`{${[polluting, inner].filter(Boolean)}}`),
    large(() => `{${[inner, `"name":${nested}`].filter(Boolean)}}`),
    large(() => `{${[inner, `"deep":${nested}`].filter(Boolean)}}`),
    fc.constantFrom("null", "[]", '"text"', "1", "true", "", " ", `[${text}]`).chain((body) => as(body)),
    // No JSON.
    fc
      .constantFrom(
        text.slice(0, -1),
        `${text}}`,
        `\ufeff${text}`,
        text.replaceAll('"', "'"),
        "{",
        "NaN",
        "\0",
      )
      .chain((body) => as(body)),
    // A megabyte, which is refused before anybody reads it.
    large(() => JSON.stringify({ ...fields, padding: "x".repeat(1_000_000) })),
    fc
      .constantFrom(
        ...[
          "text/plain",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
          "multipart/form-data; boundary=x",
        ],
        ...[
          "application/json; charset=utf-16",
          "APPLICATION/JSON",
          "application/jsonp",
          "a",
          "*/*",
          undefined,
        ],
      )
      .chain((type) => as(type?.startsWith("application/x-www") ? toForm(fields) : text, type)),
  );
}

const toForm = (fields: Fields): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(JSON.stringify(value))]),
  ).toString();

function pathOf({ path }: Endpoint, mine: Belongings): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom(mine.resetToken, mine.sessionToken, mine.userId, "%00", "%zz", "%ff", "..", "a%2fb", "x"),
    oddText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000) || "x"),
  );
  const query = fc.oneof(
    fc.constantFrom("", "", "?a=%zz", "?token", "?a[]=1&__proto__[polluted]=1", "?limit=1e9&before=%00"),
    fc
      .dictionary(fc.constantFrom(...otherNames, "before", "limit", "account", "ip", "rule"), oddText, {
        maxKeys: 3,
      })
      .map((fields) => `?${new URLSearchParams(fields)}`),
    fc.constantFrom(mine.verifyToken, mine.resetToken, none).map((token) => `?token=${token}&callbackURL=/`),
  );
  const parts = [...path.matchAll(/:\w+/g)].map(() => part);
  return fc.tuple(fc.tuple(...parts), query).map(([values, end]) => {
    const left = [...values];
    return path.replace(/:\w+/g, () => left.shift() ?? "x") + end;
  });
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

function headersFor(mine: Belongings): fc.Arbitrary<Record<string, string>> {
  const authorization = fc.constantFrom(
    ...[
      "Bearer ",
      `Bearer ${none}`,
      `Bearer ${mine.refreshToken}`,
      `Bearer ${mine.accessToken}x`,
      "Basic x",
      "x",
    ],
  );
  const cookie = fc.constantFrom(
    ...["flux.session_token=x", "flux.session_token=x.y", "=", ";;;", "flux.device=x.y; flux.two_factor=x.y"],
    ...[`flux.session_token=${mine.sessionToken}`, `flux.session_token=${mine.sessionToken}.AAAA`, "a=%zz"],
  );
  return fc.record(
    {
      authorization,
      cookie,
      origin: fc.constantFrom("null", "https://evil.example", "x", "http://localhost:3001"),
      "x-forwarded-for": fc.constantFrom("x", "127.0.0.1", "::1, ::2", ",".repeat(2_000)),
      "user-agent": fc.constantFrom("", "x".repeat(5_000), "() { :; }", "curl/7.68.0"),
      accept: fc.constantFrom("text/html", "*/*", "x"),
      referer: fc.constantFrom("x", "http://[", "https://evil.example"),
    },
    { requiredKeys: [] },
  );
}

export function badRequestTo(endpoint: Endpoint, mine: Belongings): fc.Arbitrary<BadRequest> {
  const method = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...endpoint.methods) },
    fc.constantFrom(...methods),
  );
  const as = fc.constantFrom<BadRequest["as"]>("nobody", "somebody", "operator");
  return fc
    .record({
      ...{ method, as, path: pathOf(endpoint, mine), odd: headersFor(mine) },
      proof: fc.boolean(),
      body: fieldsFor(endpoint, mine).chain(bodyOf),
    })
    .map(({ method, as, path, odd, proof, body: { body, type } }) => {
      const bodiless = method === "GET" || method === "HEAD";
      const headers: Record<string, string> = { ...odd };
      if (proof) headers["x-flux-client"] = "test";
      if (type !== undefined && !bodiless) headers["content-type"] = type;
      return { method, as, path, headers, body: bodiless ? undefined : body };
    });
}
