// Runs `flux` as it is typed, and tells the process that started it how much time and memory it took.

import { main } from "../apps/cli/src/main.ts";

await main(process.argv.slice(2));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.send?.({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMegabytes: Math.round(maxRSS / 1000) });
process.disconnect?.();
