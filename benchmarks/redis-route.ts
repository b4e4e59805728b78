// The latency that a guard with windows in Redis adds to a route, at half the rate that the guarded route can take.

import { Agent, request } from "node:http";
import { redisProgram, startRedis } from "../tools/test-services/redis-server.ts";
import { provide } from "../tools/test-services/system-program.ts";
import { median } from "./median.ts";
import { startRoutes } from "./route-servers.ts";

const rounds = 5;
const ms = 4000;
const targets = { p50Ms: 0.3, p99Ms: 1.5 };

export async function measureRedisRoute(): Promise<object> {
  const [program = ""] = provide([redisProgram]);
  const server = await startRedis(program);
  const routes = await startRoutes(["bare", "redis"], { REDIS_URL: server.url });
  try {
    await routes.measure("redis");
    const { perSecond } = await routes.measure("redis");
    const rate = perSecond / 2;
    const added: { p50: number; p99: number }[] = [];
    const bare: { p50: number; p99: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const one = await latencies(routes.port("bare"), rate);
      const other = await latencies(routes.port("redis"), rate);
      // The first round warms up.
      if (round === 0) continue;
      bare.push(one);
      added.push({ p50: other.p50 - one.p50, p99: other.p99 - one.p99 });
    }
    const middle = (all: typeof added, of: "p50" | "p99") =>
      Number(median(all.map((one) => one[of])).toFixed(3));
    const addedP50Ms = middle(added, "p50");
    const addedP99Ms = middle(added, "p99");
    return {
      saturationPerSecond: Math.round(perSecond),
      askedPerSecond: Math.round(rate),
      bareP50Ms: middle(bare, "p50"),
      bareP99Ms: middle(bare, "p99"),
      ...{ addedP50Ms, addedP99Ms, targets },
      reached: addedP50Ms <= targets.p50Ms && addedP99Ms <= targets.p99Ms,
    };
  } finally {
    routes.close();
    await server.stop();
  }
}

/** Sends at a steady rate, whatever comes back when; the time of a request begins when it was due. */
async function latencies(port: number, rate: number): Promise<{ p50: number; p99: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const times: number[] = [];
  const begin = performance.now();
  let sent = 0;
  const open = new Set<Promise<void>>();
  await new Promise<void>((resolve) => {
    const tick = () => {
      const elapsed = performance.now() - begin;
      for (; sent < (Math.min(elapsed, ms) / 1000) * rate; sent++) {
        const due = begin + (sent / rate) * 1000;
        const one = send(agent, port, sent).then(() => void times.push(performance.now() - due));
        open.add(one);
        void one.finally(() => open.delete(one));
      }
      if (elapsed < ms) setImmediate(tick);
      else resolve();
    };
    tick();
  });
  await Promise.all(open);
  agent.destroy();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function send(agent: Agent, port: number, i: number): Promise<void> {
  const client = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
  return new Promise((resolve, reject) => {
    request({ agent, port, host: "127.0.0.1", headers: { "x-client": client } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`The route answered ${response.statusCode}.`));
      response.resume().on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}
