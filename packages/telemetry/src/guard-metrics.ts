// What a guard does, counted: detections, decisions, refusals, and how its window store answers.

import type { Decision, EventSink, Guard, Outcome, WindowStore } from "@fluxstudio/guard";
import type { Activity } from "./activity.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { requestContext } from "./request-context.ts";

export interface GuardMetrics {
  /** Counts detections and what was decided because of them. */
  readonly sink: EventSink;
  /** The same store, timed. */
  windows(store: WindowStore): WindowStore;
  /** The same guard; knows which request it has refused, and counts what is decided by hand and by feeds. */
  guard(guard: Guard, now: () => number): Guard;
  /** How many decisions are in force, by what is done and who said so; none before there is a guard. */
  activeDecisions(): readonly ActiveDecisions[];
}

interface ActiveDecisions {
  readonly labels: { readonly action: string; readonly origin: string };
  readonly value: number;
}

/** From a call within the process to one that is given up, in seconds. */
const storeBounds = [0.000_01, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1];
/** Of the process' time at most this share goes into counting decisions: there may be a hundred thousand. */
const countingShare = 0.01;

export function createGuardMetrics(metrics: Metrics, activity: Activity): GuardMetrics {
  const detections = metrics.counter({
    name: "flux_detections_total",
    help: "Rules that matched.",
    labels: ["rule", "severity", "mode"],
  });
  const decisions = metrics.counter({
    name: "flux_decisions_total",
    help: "Decisions that this process took.",
    labels: ["action", "origin"],
  });
  const countDecision = ({ action, origin }: Pick<Decision, "action" | "origin">) =>
    decisions.add({ action, origin });

  let active: () => readonly ActiveDecisions[] = () => [];
  metrics.gauge(
    {
      name: "flux_decisions_active",
      help: "Decisions in force, which every process knows.",
      labels: ["action", "origin"],
    },
    () => active(),
  );

  return {
    activeDecisions: () => active(),
    sink: {
      name: "metrics",
      write({ detections: found, decision, refusals }) {
        for (const { rule, severity, mode } of found) {
          detections.add({ rule, severity, mode });
          activity.watcher?.detection(rule);
        }
        if (decision && !refusals && found.length > 0) countDecision(decision);
      },
    },
    windows: (store) => timed(store, metrics, activity),
    guard(guard, now) {
      active = createActiveDecisions(guard, now);
      return {
        ...guard,
        check(signal) {
          const answer = guard.check(signal);
          return answer instanceof Promise ? answer.then(noteOutcome) : noteOutcome(answer);
        },
        async decide(asked, at) {
          const decision = await guard.decide(asked, at);
          countDecision(decision);
          return decision;
        },
      };
    },
  };
}

/** Of several checks for one request the last one counts: a known device may be let in where its address is not. */
function noteOutcome(outcome: Outcome): Outcome {
  const request = requestContext.getStore();
  if (request) {
    const { action, reason = "decision" } = outcome;
    request.refusal = action === "allow" ? undefined : { action, reason };
  }
  return outcome;
}

function timed(store: WindowStore, metrics: Metrics, activity: Activity): WindowStore {
  const durations = metrics.histogram({
    name: "flux_store_duration_seconds",
    help: "How long the window store took to answer.",
    labels: ["store"],
    bounds: storeBounds,
  });
  const failures = metrics.counter({
    name: "flux_store_failures_total",
    help: "Calls that the window store did not answer.",
    labels: ["store"],
  });
  const labels = { store: store.name };
  // The first failure is then a rise, and no beginning.
  failures.add(labels, 0);
  const done = (startedAt: number, hasFailed: boolean) => {
    const durationMs = performance.now() - startedAt;
    if (hasFailed) failures.add(labels);
    else durations.observe(labels, durationMs / 1000);
    activity.watcher?.storeCall(durationMs, hasFailed);
  };
  return {
    ...store,
    observe(operations) {
      const startedAt = performance.now();
      try {
        const answer = store.observe(operations);
        if (answer instanceof Promise) {
          answer.then(
            () => done(startedAt, false),
            () => done(startedAt, true),
          );
        } else done(startedAt, false);
        return answer;
      } catch (error) {
        done(startedAt, true);
        throw error;
      }
    },
  };
}

/** Counted anew only after a hundred times as long as the last count took. */
function createActiveDecisions(guard: Pick<Guard, "decisions">, now: () => number) {
  let known: readonly ActiveDecisions[] = [];
  let nextAt = 0;
  return () => {
    const startedAt = performance.now();
    if (startedAt < nextAt) return known;
    const counts = new Map<string, number>();
    for (const { action, origin } of guard.decisions(now())) {
      const key = `${action} ${origin}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    known = [...counts].map(([key, value]) => {
      const [action = "", origin = ""] = key.split(" ");
      return { labels: { action, origin }, value };
    });
    const endedAt = performance.now();
    nextAt = endedAt + (endedAt - startedAt) / countingShare;
    return known;
  };
}
