// The guarded and the blocked route beside the bare one, in turn, with the proof that the servers were what was measured, and
// beside what any middleware that goes on, or refuses, costs in Hono.

import { median } from "./median.ts";
import { type RouteRate, startRoutes, type Variant, variants } from "./route-servers.ts";

const rounds = 5;
/** Share of its core that a server has to use. Below it the load, or another program, was what set the pace. */
const leastCpu = 0.9;
/** Share of the bare route's requests that the guard has to leave. */
const targets = { guarded: 0.85, blocked: 0.95 } as const;

export async function measureRoutes(): Promise<object> {
  const routes = await startRoutes();
  const all: Record<Variant, RouteRate>[] = [];
  for (let round = 0; round <= rounds; round++) {
    const measured: Partial<Record<Variant, RouteRate>> = {};
    for (const variant of variants) measured[variant] = await routes.measure(variant);
    // The first round warms up.
    if (round > 0) all.push(measured as Record<Variant, RouteRate>);
  }
  routes.close();
  const middle = (of: (round: (typeof all)[number]) => number, digits = 0): number =>
    Number(median(all.map(of)).toFixed(digits));
  const bareCpu = middle(({ bare }) => bare.serverCpu, 2);
  const to = (variant: Variant, other: Variant) =>
    middle((round) => round[variant].perSecond / round[other].perSecond, 2);
  const beside = (variant: "guarded" | "blocked", empty: "passing" | "refusing") => {
    const ratio = to(variant, "bare");
    const serverCpu = middle((round) => round[variant].serverCpu, 2);
    const serverWasBusy = Math.min(serverCpu, bareCpu) >= leastCpu;
    return {
      perSecond: middle((round) => round[variant].perSecond),
      serverCpu,
      serverWasBusy,
      ratio,
      // The same by CPU time of the server, which other programs on the machine disturb less.
      ratioByCpu: middle((round) => round[variant].perCpuSecond / round.bare.perCpuSecond, 2),
      // What Hono leaves of the bare route's requests with a middleware that does nothing else, and the guard of those.
      emptyMiddlewareRatio: to(empty, "bare"),
      ratioToEmptyMiddleware: to(variant, empty),
      target: targets[variant],
      reached: serverWasBusy && ratio >= targets[variant],
    };
  };
  return {
    bare: {
      perSecond: middle(({ bare }) => bare.perSecond),
      serverCpu: bareCpu,
    },
    guarded: beside("guarded", "passing"),
    blocked: beside("blocked", "refusing"),
  };
}
