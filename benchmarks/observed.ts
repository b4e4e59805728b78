// What logging, metrics and event writing leave of a guarded route: the same with all of it on and off, in turn.

import { median } from "./median.ts";
import { type RouteRate, startRoutes } from "./route-servers.ts";

const rounds = 5;
const target = 0.8;

export async function measureObserved(): Promise<object> {
  const routes = await startRoutes(["quiet", "observed"]);
  const pairs: { quiet: RouteRate; observed: RouteRate }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair = { quiet: await routes.measure("quiet"), observed: await routes.measure("observed") };
    // The first round warms up.
    if (round > 0) pairs.push(pair);
  }
  routes.close();
  const middle = (of: (pair: (typeof pairs)[number]) => number, digits = 0) =>
    Number(median(pairs.map(of)).toFixed(digits));
  const ratio = middle(({ quiet, observed }) => observed.perSecond / quiet.perSecond, 2);
  return {
    quietPerSecond: middle(({ quiet }) => quiet.perSecond),
    observedPerSecond: middle(({ observed }) => observed.perSecond),
    ratio,
    // The same by CPU time of the server, which other programs on the machine disturb less.
    ratioByCpu: middle(({ quiet, observed }) => observed.perCpuSecond / quiet.perCpuSecond, 2),
    microsecondsARequest: middle(
      ({ quiet, observed }) => 1e6 / observed.perCpuSecond - 1e6 / quiet.perCpuSecond,
      1,
    ),
    target,
    reached: ratio >= target,
  };
}
