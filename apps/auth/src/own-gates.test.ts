// Doors with a gate of their own: strangers stay outside, wrong secrets are counted, other sites' pages are neither let in nor counted.

import { expect, it } from "vitest";
import { ownGates } from "./doors.ts";
import { asOperator, program, startTestApp } from "./test-app.ts";

type App = Awaited<ReturnType<typeof startTestApp>>;

/** Asks with this secret, or with none. */
type Ask = (app: App, ip: string, secret?: string, headers?: Record<string, string>) => Promise<Response>;

const bearer =
  (path: string, method = "GET"): Ask =>
  ({ ask }, ip, secret, headers) =>
    ask(
      path,
      { method, headers: { ...program, ...headers, ...(secret && { authorization: `Bearer ${secret}` }) } },
      ip,
    );

const gates: { readonly [path: string]: Ask } = {
  "/api/admin/security/*": bearer("/api/admin/security/decisions"),
  "/metrics": bearer("/metrics"),
  "/performance": bearer("/performance"),
  "/api/auth/refresh": ({ post }, ip, refreshToken, headers) =>
    post("/api/auth/refresh", refreshToken ? { refreshToken } : {}, ip, headers),
};

const metricsToken = "mT7xQ2bN5vC8zL1kJ4hG6fD9sA3pO0iU";
const start = () => startTestApp({ databaseUrl: ":memory:", env: { METRICS_TOKEN: metricsToken } });
const codeOf = async (answer: Response) => ({
  status: answer.status,
  code: JSON.parse(await answer.text()).code,
});
const login = ({ post }: App, ip: string) =>
  post("/api/auth/login", { email: "ada@example.com", password: "wrong password" }, ip);

it("every door with a gate of its own is in this table", () => {
  expect(Object.keys(gates).sort()).toEqual(Object.keys(ownGates).sort());
});

it.each(Object.entries(gates))(
  "%s: strangers stay outside, and five wrong secrets are the last",
  async (_, ask) => {
    const app = await start();
    for (let i = 0; i < 10; i++) expect((await ask(app, "192.0.2.1")).status).toBe(401);
    const answers: unknown[] = [];
    for (let i = 0; i < 6; i++)
      answers.push(await codeOf(await ask(app, "192.0.2.2", `fr_wrong-secret-number-${i}`)));
    expect(answers.slice(0, 5)).toEqual(Array(5).fill(expect.objectContaining({ status: 401 })));
    expect(answers[5]).toEqual({ status: 403, code: "BLOCKED" });
    // The address is kept from the other doors, too, and no other address is.
    expect((await login(app, "192.0.2.2")).status).toBe(403);
    expect((await login(app, "192.0.2.1")).status).toBe(401);
  },
);

it.each(Object.entries(gates))(
  "%s: a page of another site is refused, and its visitors are not blocked",
  async (_, ask) => {
    const app = await start();
    const page = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
    for (let i = 0; i < 60; i++) {
      const headers = { ...page, "x-flux-client": "", origin: "https://evil.example" };
      expect((await ask(app, "192.0.2.1", `fr_wrong-secret-number-${i}`, headers)).status).toBe(403);
    }
    expect((await login(app, "192.0.2.1")).status).toBe(401);
  },
);

it.each(["/metrics", "/performance", "/api/admin/security/decisions"])(
  "%s: a right token in any other place than the header opens nothing",
  async (path) => {
    const { ask } = await start();
    const { authorization } = asOperator();
    const token = authorization.slice("Bearer ".length);
    const tries: [string, Record<string, string>][] = [
      [`${path}?token=${token}&access_token=${token}`, {}],
      [path, { cookie: `token=${token}; authorization=${token}` }],
      [path, { authorization: `Basic ${btoa(`operator:${token}`)}` }],
      [path, { authorization: token }],
      [path, { authorization: `Bearer ${token}x` }],
      [path, { "x-api-key": token }],
    ];
    for (const [i, [url, headers]] of tries.entries()) {
      const answer = await ask(url, { headers: { ...program, ...headers } }, `192.0.2.${i + 1}`);
      expect(answer.status, JSON.stringify(headers)).toBe(401);
      expect(await answer.text()).not.toContain(token);
    }
    for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
      const answer = await ask(path, { method, headers: program }, "192.0.2.100");
      expect([401, 403, 404], method).toContain(answer.status);
    }
  },
);
