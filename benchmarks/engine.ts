// The engine with memory windows beside six limiters of rate-limiter-flexible that are awaited together.

import { RateLimiterMemory } from "rate-limiter-flexible";
import { benchGuard } from "./bench-guard.ts";

const signals = 300_000;
const addresses = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.7`);
const address = (i: number): string => addresses[i % addresses.length] as string;

/** Signals a second. Each address and account fails once in 280 s: windows fill up, and no rule ends the work. */
export async function guardRate(): Promise<number> {
  const guard = benchGuard();
  const start = performance.now();
  for (let i = 0; i < signals; i++) {
    const account = `account${i % addresses.length}`;
    await guard.record({ type: "sign-in-failure", at: 1.7e12 + i * 14, ip: address(i), account });
  }
  return (signals / (performance.now() - start)) * 1000;
}

export async function limitersRate(): Promise<number> {
  const limiters = Array.from(
    { length: 6 },
    (_, i) => new RateLimiterMemory({ points: 1e9, duration: 300, keyPrefix: `limiter${i}` }),
  );
  const start = performance.now();
  for (let i = 0; i < signals; i++) {
    const key = address(i);
    await Promise.all(limiters.map((limiter) => limiter.consume(key)));
  }
  return (signals / (performance.now() - start)) * 1000;
}
