// The guarded route with reports to Sentry and a tenth of the requests traced, in turn with the same route with neither.

import { startSentryReceiver } from "@fluxstudio/telemetry/testing";
import { median } from "./median.ts";
import { type RouteRate, startRoutes } from "./route-servers.ts";

const rounds = 5;
/** Share of the guarded route's requests that reports have to leave. */
const target = 0.7;

type Round = Record<"guarded" | "reported" | "traced", RouteRate>;

/** `reported`: as flux-auth does it, with a limit on traces. `traced`: with no limit, which tells what a trace costs. */
export async function measureSentry(): Promise<object> {
  const receiver = await startSentryReceiver();
  const routes = await startRoutes(["guarded", "reported", "traced"], { SENTRY_DSN: receiver.dsn });
  const all: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const measured = {
      guarded: await routes.measure("guarded"),
      reported: await routes.measure("reported"),
      traced: await routes.measure("traced"),
    };
    // The first round warms up.
    if (round > 0) all.push(measured);
  }
  routes.close();
  const traces = receiver.transactions().length;
  await receiver.close();
  if (traces === 0 || receiver.faults.length > 0) throw new Error(`${traces} traces. ${receiver.faults[0]}`);
  const middle = (of: (round: Round) => number, digits = 0) => Number(median(all.map(of)).toFixed(digits));
  const beside = (variant: "reported" | "traced") => ({
    perSecond: middle((round) => round[variant].perSecond),
    ratio: middle((round) => round[variant].perSecond / round.guarded.perSecond, 2),
    ratioByCpu: middle((round) => round[variant].perCpuSecond / round.guarded.perCpuSecond, 2),
  });
  const reported = beside("reported");
  const guardedPerSecond = middle(({ guarded }) => guarded.perSecond);
  return { guardedPerSecond, reported, traced: beside("traced"), target, reached: reported.ratio >= target };
}
