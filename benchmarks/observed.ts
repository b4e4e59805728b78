// What logging, metrics and event writing leave of a guarded route: the same with all of it on and off, in turn.
//
// On as flux-auth is by default, whose log sums up what comes at such a rate; and with a line for each request.

import { median } from "./median.ts";
import { type RouteRate, startRoutes } from "./route-servers.ts";

const rounds = 5;
const target = 0.8;

type Triple = { readonly [variant in "quiet" | "observed" | "logged"]: RouteRate };

export async function measureObserved(): Promise<object> {
  const routes = await startRoutes(["quiet", "observed", "logged"]);
  const triples: Triple[] = [];
  for (let round = 0; round <= rounds; round++) {
    const triple = {
      quiet: await routes.measure("quiet"),
      observed: await routes.measure("observed"),
      logged: await routes.measure("logged"),
    };
    // The first round warms up.
    if (round > 0) triples.push(triple);
  }
  routes.close();
  const quietPerSecond = Math.round(median(triples.map(({ quiet }) => quiet.perSecond)));
  const observed = besideQuiet(triples, "observed");
  const logged = besideQuiet(triples, "logged");
  return { quietPerSecond, observed, logged, target, reached: observed.ratio >= target };
}

function besideQuiet(triples: readonly Triple[], variant: "observed" | "logged") {
  const middle = (of: (one: RouteRate, quiet: RouteRate) => number, digits = 0) =>
    Number(median(triples.map((triple) => of(triple[variant], triple.quiet))).toFixed(digits));
  return {
    perSecond: middle((one) => one.perSecond),
    linesARequest: middle((one) => one.linesARequest, 3),
    ratio: middle((one, quiet) => one.perSecond / quiet.perSecond, 2),
    // The same by CPU time of the server, which other programs on the machine disturb less.
    ratioByCpu: middle((one, quiet) => one.perCpuSecond / quiet.perCpuSecond, 2),
    microsecondsARequest: middle((one, quiet) => 1e6 / one.perCpuSecond - 1e6 / quiet.perCpuSecond, 1),
  };
}
