// Every adapter does the same in its framework, with real requests on a real port.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, type RequestOptions, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { createClientIp } from "../client/client-ip.ts";
import { createGuard } from "../engine.ts";
import type { Guard, GuardOptions } from "../guard.ts";
import { bruteForce, builtInRules } from "../rules/index.ts";
import { createMemoryDecisionStore } from "../stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "../stores/memory-window-store.ts";
import type { WindowStore } from "../stores/window-store.ts";
import { clientContext } from "./client-context.ts";
import { refusalOf } from "./refusal.ts";
import { type Framework, frameworks, ipHeader, type Routes, type TestServerOptions } from "./test-servers.ts";

const { threshold } = bruteForce.defaults;
const right = "correct horse battery";
const ip = "127.0.0.1";
const other = { localAddress: "127.0.0.2" };

const atOnce = createMemoryWindowStore;
const later = (): WindowStore => {
  const store = createMemoryWindowStore();
  return { ...store, observe: async (operations) => store.observe(operations) };
};
const failing = { name: "failing", observe: () => Promise.reject(new Error("gone")) };
const throwing = {
  name: "throwing",
  observe: () => {
    throw new Error("gone");
  },
};

const cases = frameworks.flatMap((framework) => [
  { name: framework.name, how: "answered at once", framework, windows: atOnce },
  { name: framework.name, how: "answered later", framework, windows: later },
]);

describe.each(cases)("$name, $how", ({ framework, windows }) => {
  const start = (options?: Options) => startApp(framework, { windows: windows(), ...options });

  it("tells the handler who asks, before and after a body", async () => {
    const { ask } = await start();
    const headers = { "user-agent": "Tester/1.0" };
    const seen = { ip, userAgent: "Tester/1.0", path: "/client" };
    expect(await ask("GET /client?secret=1", { headers })).toMatchObject({
      json: { ...seen, method: "GET" },
    });
    expect(await ask("POST /client", { headers, json: { long: "x".repeat(90_000) } })).toMatchObject({
      status: 200,
      json: { ...seen, method: "POST" },
    });
  });

  it("takes the address from the socket, and from a header only behind a trusted proxy", async () => {
    const headers = { "x-forwarded-for": "198.51.100.1, 203.0.113.7" };
    const bare = await start();
    expect(await bare.ask("GET /client", { headers })).toMatchObject({ json: { ip } });
    const proxied = await start({ clientIp: createClientIp({ trustedProxies: ["127.0.0.0/8"] }) });
    expect(await proxied.ask("GET /client", { headers })).toMatchObject({ json: { ip: "203.0.113.7" } });
  });

  if (framework.writesHeaders) {
    it("writes the address over what a client claims it to be", async () => {
      const { ask } = await start();
      const claim = { headers: { [ipHeader]: "203.0.113.7" }, json: {} };
      expect(await ask("POST /header", claim)).toMatchObject({ json: { header: ip } });
    });
  }

  it("refuses who has guessed, by code and time, before the handler; nobody else, and no open path", async () => {
    const { ask, checked } = await start();
    for (let i = 1; i <= threshold; i++) {
      expect(await ask("POST /sign-in", { json: { password: "wrong" } })).toMatchObject({ status: 401 });
    }
    const refused = await ask("POST /sign-in", { json: { password: right } });
    expect(refused).toMatchObject({ status: 403, json: { code: "BLOCKED", retryAfter: 3600 } });
    expect(refused.headers).toMatchObject({ "retry-after": "3600" });
    expect(refused.headers["content-type"]).toMatch(/^application\/json/);
    expect(checked).toHaveLength(threshold);
    expect(await ask("GET /client")).toMatchObject({ status: 200 });
    expect(await ask("POST /sign-in", { ...other, json: { password: right } })).toMatchObject({
      status: 200,
    });
  });

  it("lets exactly as many guesses through as are allowed, however many come side by side", async () => {
    const { ask, checked } = await start({ agent: new Agent({ keepAlive: true, maxSockets: 50 }) });
    const guesses = Array.from({ length: 40 }, () => ask("POST /sign-in", { json: { password: "wrong" } }));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(threshold);
    expect(new Set(statuses)).toEqual(new Set([401, ...statuses.filter((status) => status !== 401)]));
    expect(statuses.every((status) => [401, 403, 429].includes(status ?? 0))).toBe(true);
    expect(checked).toHaveLength(threshold);
  });

  it.each(framework.spellings)("guards a door that is asked as %s", async (spelling) => {
    const { ask, block, requests } = await start();
    expect(await ask(`POST ${spelling}`, { json: { password: right } })).toMatchObject({ status: 200 });
    expect(await requests()).toBe(1);
    await block();
    expect(await ask(`POST ${spelling}`, { json: { password: right } })).toMatchObject({ status: 403 });
  });

  it("refuses an offer to whoever is blocked, and counts none", async () => {
    const { ask, block, requests } = await start({ offer: (_method, path) => path === "/client" });
    for (let i = 0; i < 3; i++) expect(await ask("GET /client")).toMatchObject({ status: 200 });
    expect(await requests()).toBe(0);
    await block();
    expect(await ask("GET /client")).toMatchObject({ status: 403, json: { code: "BLOCKED" } });
  });

  it("lets a proven device pass a rule's block of its address, and a refused device no further than a stranger", async () => {
    const devices = async (cookie: string | undefined) => (cookie ? cookie.split(",") : []);
    const { ask, block, guard } = await start({ devices });
    await block("rule");
    const signIn = (cookie: string) =>
      ask("POST /opened", { headers: { cookie }, json: {} }).then(({ status }) => status);
    expect(await signIn("")).toBe(403);
    expect(await signIn("laptop")).toBe(200);
    const by = { action: "block", until: null, origin: "admin" } as const;
    await guard.decide({ ...by, scope: "device", value: "laptop" }, Date.now());
    expect(await signIn("laptop")).toBe(403);
    expect(await signIn("laptop,phone")).toBe(200);
  });

  it("records a path as it may be written down", async () => {
    const recordedPath = (path: string) => path.replace("client", "*");
    const { ask } = await start({ recordedPath, door: (_method, path) => path.slice(1) });
    expect(await ask("GET /client")).toMatchObject({ json: { path: "/*", door: "client" } });
  });

  it("counts each request of a connection once", async () => {
    const { ask, requests, sockets } = await start();
    for (let i = 1; i <= 4; i++) {
      expect(await ask("POST /opened", { json: {} })).toMatchObject({ status: 200 });
      expect(await ask("GET /stream")).toMatchObject({ status: 200, body: "onetwothree" });
      expect(await requests()).toBe(i);
    }
    expect(sockets).toHaveLength(1);
  });

  it("answers HEAD without a body, and the connection goes on", async () => {
    const { ask, block } = await start();
    await block();
    expect(await ask("HEAD /sign-in")).toMatchObject({
      status: 403,
      body: "",
      headers: { "retry-after": "60", connection: "keep-alive" },
    });
    expect(await ask("GET /client")).toMatchObject({ status: 200 });
  });

  it("answers who waits to be told to go on with his body, and still knows who it is when that has come", async () => {
    const { ask, block } = await start();
    const headers = { expect: "100-continue" };
    const told = await ask("POST /client", { headers, json: { long: "x".repeat(90_000) } });
    expect(told).toMatchObject({ status: 200, json: { ip } });
    await block();
    expect(await ask("POST /opened", { headers, json: {} })).toMatchObject({ status: 403 });
  });

  it("gives back the place of a check without a verdict: answered, thrown or rejected", async () => {
    const { ask } = await start();
    for (let i = 0; i < 3 * threshold; i++) {
      expect(await ask("POST /no-verdict", { json: {} })).toMatchObject({ status: 200 });
      expect(await ask("POST /throws", { json: {} })).toMatchObject({
        status: 500,
        json: { code: "INTERNAL" },
      });
    }
  });

  it("keeps the place of a client that has gone until its password has been checked", async () => {
    const held = Array.from({ length: threshold }, () => Promise.withResolvers<void>());
    const checking = held.map(() => Promise.withResolvers<void>());
    let next = 0;
    const { ask, sockets } = await start({
      async hold() {
        const i = next++;
        checking[i]?.resolve();
        await held[i]?.promise;
      },
    });
    const gone = held.map(() => {
      const leaving = new AbortController();
      const answer = ask("POST /no-verdict", { json: {}, signal: leaving.signal, agent: false });
      return { leaving, answer: answer.catch(() => undefined) };
    });
    await Promise.all(checking.map(({ promise }) => promise));
    const closed = sockets.map((socket) => once(socket, "close"));
    for (const { leaving } of gone) leaving.abort();
    await Promise.all([...closed, ...gone.map(({ answer }) => answer)]);
    expect(await ask("POST /sign-in", { json: { password: right } })).toMatchObject({
      status: 429,
      json: { code: "THROTTLED" },
    });
    for (const { resolve } of held) resolve();
    await expect
      .poll(() => ask("POST /sign-in", { json: { password: right } }))
      .toMatchObject({ status: 200 });
  });

  it("answers an error of its own as the framework does, and serves on", async () => {
    let broken = true;
    const breaking = () => {
      if (broken) throw new Error("broken");
    };
    const { ask, sockets } = await start({
      clientIp: (asked) => {
        breaking();
        return asked.socketAddress ?? "";
      },
    });
    expect(await ask("GET /client")).toMatchObject({ status: 500, json: { code: "INTERNAL" } });
    broken = false;
    expect(await ask("GET /client")).toMatchObject({ status: 200 });
    expect(sockets).toHaveLength(1);

    const late = await start({ devices: () => Promise.reject(new Error("broken")) });
    expect(await late.ask("POST /opened", { json: {} })).toMatchObject({ status: 500 });
    expect(await late.ask("GET /client")).toMatchObject({ status: 200 });
  });

  it("serves on when a place cannot be given back", async () => {
    let at = Date.now();
    const breakClock = async () => {
      at = Number.NaN;
    };
    const { ask } = await start({ now: () => at, hold: breakClock });
    const answer = await ask("POST /no-verdict", { json: {} });
    // Hono tells it instead of the answer; the others have answered by then.
    expect([200, 500]).toContain(answer.status);
    expect(await ask("GET /client")).toMatchObject({ status: 200 });
  });
});

describe.each(frameworks)("$name, without a store", (framework) => {
  it.each([failing, throwing])("$name: says so, and never calls it a limit", async (windows) => {
    const { ask } = await startApp(framework, { windows });
    const refused = await ask("POST /opened", { json: {} });
    expect(refused).toMatchObject({ status: 503, json: { code: "UNAVAILABLE" } });
    expect(refused.headers).toMatchObject({ "retry-after": "1" });
    expect(await ask("GET /client")).toMatchObject({ status: 200 });
  });

  it.each([failing, throwing])("$name: goes on when it is told to", async (windows) => {
    const allowing = Object.fromEntries(builtInRules.map(({ id }) => [id, { outage: "allow" }] as const));
    const { ask } = await startApp(framework, { windows, settings: allowing });
    expect(await ask("POST /opened", { json: {} })).toMatchObject({ status: 200 });
  });
});

interface Options extends Partial<TestServerOptions> {
  readonly windows?: WindowStore;
  readonly settings?: GuardOptions["settings"];
  readonly agent?: Agent;
  /** What a check without a verdict waits for. */
  readonly hold?: () => Promise<void>;
}

interface Asked extends Pick<RequestOptions, "localAddress" | "signal" | "agent"> {
  readonly headers?: Record<string, string>;
  readonly json?: object;
}

async function startApp(framework: Framework, options: Options) {
  const {
    windows = atOnce(),
    settings = {},
    agent = new Agent({ keepAlive: true }),
    hold = async () => {},
    ...rest
  } = options;
  const guard = createGuard({
    rules: builtInRules,
    windows,
    decisions: createMemoryDecisionStore(),
    settings,
    onError: () => {},
  });
  const checked: unknown[] = [];
  const server = await framework.start(
    {
      guard,
      clientIp: createClientIp(),
      door: (_method, path) => (["/sign-in", "/opened"].includes(path) ? path.slice(1) : undefined),
      ...rest,
    },
    routesOf(guard, checked, hold),
  );
  const sockets: NodeJS.EventEmitter[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  onTestFinished(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  async function ask(line: string, { json, headers, ...asked }: Asked = {}) {
    const [method, path] = line.split(" ");
    const body = json && JSON.stringify(json);
    const { port } = server.address() as AddressInfo;
    const outgoing = request({
      ...{ host: ip, port, method, path, agent, ...asked },
      headers: {
        ...(body && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...headers,
      },
    });
    if (headers?.expect) {
      outgoing.once("continue", () => outgoing.end(body));
      outgoing.flushHeaders();
    } else outgoing.end(body);
    const [response]: IncomingMessage[] = await once(outgoing, "response");
    if (!response) throw new Error("No answer.");
    // A refused client need not be told to go on, and then it sends no body.
    if (!outgoing.writableEnded) outgoing.destroy();
    const answer = await text(response).catch(() => "");
    const isJson = answer.startsWith("{");
    return {
      status: response.statusCode,
      headers: response.headers,
      body: answer,
      json: isJson ? JSON.parse(answer) : undefined,
    };
  }

  async function block(origin: "admin" | "rule" = "admin") {
    const at = Date.now();
    const until = at + 60_000;
    await guard.decide({ action: "block", scope: "ip", value: ip, until, origin }, at);
  }

  async function requests(): Promise<number> {
    const { windows } = await guard.explain("ip", ip, Date.now());
    return windows.find(({ window }) => window === "bot-activity.requests")?.count ?? 0;
  }

  return { ask, block, requests, guard, checked, sockets };
}

function routesOf(guard: Guard, checked: unknown[], hold: () => Promise<void>): Routes {
  const client = () => {
    const found = clientContext.getStore();
    if (!found) throw new Error("There is no client.");
    return found;
  };
  const shown = async () => ({ status: 200, json: client() });

  async function attempt() {
    const { ip, userAgent, method, path, door } = client();
    const signal = { ip, userAgent, method, path, door, id: randomUUID(), account: "ada", at: Date.now() };
    const outcome = await guard.check({ ...signal, type: "sign-in-attempt" });
    const { status, body } = refusalOf(outcome);
    return { signal, refused: outcome.action === "allow" ? undefined : { status, json: body } };
  }

  /** As Better Auth's plugin leaves a check that no verdict came of. */
  async function noVerdict() {
    const { signal, refused } = await attempt();
    if (refused) return refused;
    const { id, account } = signal;
    const rest = { email: undefined, device: undefined, unguessable: false, signsIn: true, settled: false };
    client().attempt = { id, account, ...rest };
    await hold();
    return { status: 200, json: {} };
  }

  return {
    "POST /header": async (_body, header) => ({ status: 200, json: { header } }),
    "GET /client": shown,
    "POST /client": shown,
    "POST /opened": async () => ({ status: 200, json: {} }),
    "GET /stream": async () => ({ pieces: ["one", "two", "three"] }),
    "POST /no-verdict": noVerdict,
    "POST /throws": async () => {
      const answer = await noVerdict();
      if (answer.status === 200) throw new Error("broken");
      return answer;
    },
    "POST /sign-in": async (body) => {
      const { signal, refused } = await attempt();
      if (refused) return refused;
      checked.push(body);
      const isRight = (body as { password?: unknown } | undefined)?.password === right;
      await guard.record({ ...signal, type: isRight ? "sign-in-success" : "sign-in-failure" });
      return { status: isRight ? 200 : 401, json: {} };
    },
  };
}
