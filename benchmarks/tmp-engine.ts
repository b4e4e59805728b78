import { RateLimiterMemory } from "rate-limiter-flexible";
import { createGuard } from "../packages/guard/src/engine.ts";
import { builtInRules } from "../packages/guard/src/rules/index.ts";
import { createMemoryDecisionStore } from "../packages/guard/src/stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "../packages/guard/src/stores/memory-window-store.ts";

const N = 500_000;
const ips = Array.from({ length: 20000 }, (_, i) => `10.${i >> 8}.${i & 255}.7`);
async function ours(full: boolean) {
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onStoreError: "allow",
    onError: console.error,
  });
  const t = performance.now();
  for (let i = 0; i < N; i++) {
    const at = 1.7e12 + i * 4;
    const ip = ips[i % 20000]!;
    const account = "acct" + (i % 5000);
    if (full) {
      await guard.check({
        type: "request",
        at,
        ip,
        door: "sign-in",
        userAgent:
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
      });
      await guard.check({ type: "sign-in-attempt", at, ip, account, id: "x" + i });
    }
    await guard.record({ type: "sign-in-failure", at, ip, account, id: "x" + i });
  }
  return (N / (performance.now() - t)) * 1000;
}
async function rlf() {
  const ls = Array.from(
    { length: 6 },
    (_, i) => new RateLimiterMemory({ points: 1e9, duration: 300, keyPrefix: "l" + i }),
  );
  const t = performance.now();
  for (let i = 0; i < N; i++) {
    const ip = ips[i % 20000]!;
    await Promise.all(ls.map((l) => l.consume(ip)));
  }
  return (N / (performance.now() - t)) * 1000;
}
for (let k = 0; k < 3; k++)
  console.log(
    "record",
    Math.round(await ours(false)),
    "full",
    Math.round(await ours(true)),
    "rlf6",
    Math.round(await rlf()),
  );
process.exit(0);
