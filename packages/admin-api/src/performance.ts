// What the live view of a server's performance is sent: a frame a second, over a WebSocket at `performancePath`.

import { z } from "zod";

export const performancePath = "/performance";

/** Milliseconds below which that share of the answers took, to within a tenth; undefined while there were none. */
const latency = z.object({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number() }).optional();
const rate = z.number().nonnegative();

/** Of one process, about the time since the frame before. */
export const performanceFrame = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  intervalMs: z.number().positive(),
  requests: z.object({
    perSecond: rate,
    /** Share of them that were answered with 500 or above, from 0 to 1. */
    errorRate: z.number().min(0).max(1),
    latency,
  }),
  /** The busiest first; not those that nobody asked. */
  routes: z
    .array(
      z.object({
        /** A pattern, such as `POST /api/auth/login`. */
        route: z.string(),
        perSecond: rate,
        errorRate: z.number().min(0).max(1),
        latency,
      }),
    )
    .max(50),
  /** How late timers were. */
  eventLoopLag: z.object({ p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() }),
  memory: z.object({ residentBytes: z.number(), heapUsedBytes: z.number() }),
  /** The window store: Redis, or this process's memory. */
  store: z.object({ name: z.string(), perSecond: rate, failuresPerSecond: rate, latency }),
  /** What the server does without, why, and since when (RFC 3339). */
  degraded: z.record(z.string(), z.object({ reason: z.string(), since: z.string() })),
  /** Detections in this interval, by rule. */
  detections: z.record(z.string(), z.number()),
  /** Blocks in force. */
  activeBlocks: z.number(),
});
export type PerformanceFrame = z.output<typeof performanceFrame>;
