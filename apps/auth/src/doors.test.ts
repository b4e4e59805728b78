// The table of doors: an endpoint that takes a credential is in the guard's gate, or nobody can add it.

import { adminBase } from "@fluxstudio/admin-api";
import { secretChecks as betterAuthChecks } from "@fluxstudio/guard/better-auth";
import { expect, it } from "vitest";
import { basePath } from "./auth.ts";
import { checksNoSecret, doorOf, ownGates } from "./doors.ts";
import { ownChecks } from "./own-checks.ts";
import { shortPathTargets } from "./short-paths.ts";
import { startTestApp } from "./test-app.ts";
import { everyEndpoint } from "./test-doors.ts";

const secretChecks = { ...betterAuthChecks, ...ownChecks };

async function start() {
  const { app, auth, ask } = await startTestApp({ databaseUrl: ":memory:" });
  const off = new Set<string>(auth.options.disabledPaths);
  const endpoints = everyEndpoint(app, auth)
    .filter(({ path }) => path.startsWith(`${basePath}/`) && !path.endsWith("/no-such-endpoint"))
    .map((endpoint) => ({ ...endpoint, path: endpoint.path.slice(basePath.length) }));
  return { app, auth, ask, off, endpoints };
}

it("every endpoint is gated, or says why it checks no secret", async () => {
  const { endpoints, off } = await start();
  const long = (path: string) => shortPathTargets[`POST ${path}`] ?? path;
  const served = endpoints.map(({ path }) => long(path)).filter((path) => !off.has(path));
  expect(served.length).toBeGreaterThan(30);
  const undecided = served.filter(
    (path) => !(path in secretChecks || path in checksNoSecret || basePath + path in ownGates),
  );
  expect(undecided).toEqual([]);
});

it("nothing is in the tables that is not served, and nothing twice", async () => {
  const { endpoints } = await start();
  const served = new Set(endpoints.map(({ path }) => path));
  const listed = [...Object.keys(secretChecks), ...Object.keys(checksNoSecret)];
  expect(listed.filter((path) => !served.has(path))).toEqual([]);
  expect(listed.filter((path, index) => listed.indexOf(path) !== index)).toEqual([]);
});

it("whoever is blocked is kept from every gate", async () => {
  for (const path of Object.keys(secretChecks)) expect(doorOf("POST", basePath + path), path).toBeDefined();
});

it("what is switched off answers nothing, whatever is asked", async () => {
  const { ask, off, endpoints } = await start();
  for (const { path, methods } of endpoints.filter((one) => off.has(one.path))) {
    for (const method of methods) {
      const body = method === "GET" ? {} : { body: "{}" };
      const headers = { "content-type": "application/json", "x-flux-client": "test" };
      expect((await ask(basePath + path, { method, headers, ...body }, "192.0.2.1")).status, path).toBe(404);
    }
  }
});

it("the admin API is behind one gate", async () => {
  const { app, ask } = await start();
  const paths = new Set(
    app.routes.map(({ path }) => path).filter((path) => path.startsWith(`${adminBase}/`)),
  );
  expect(paths.size).toBeGreaterThan(5);
  let last = 0;
  for (const path of [...paths].filter((one) => !one.includes("*"))) {
    const address = `192.0.2.${++last}`;
    expect((await ask(path, { headers: { "x-flux-client": "test" } }, address)).status, path).toBe(401);
  }
});
