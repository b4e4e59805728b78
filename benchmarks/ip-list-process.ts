// Loads a list in a process of its own, asks it, makes it anew, and tells the process that started it what that took.

import { utimesSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { createIpList } from "@fluxstudio/guard/ip-list";
import { ipv4Address, ipv6Address, networks, random } from "./ip-list-data.ts";
import { median } from "./median.ts";

export interface IpListFigures {
  readonly size: number;
  /** Of the list's own arrays. */
  readonly megabytes: number;
  /** Of the process, once the list is loaded. */
  readonly residentMegabytes: number;
  readonly refreshMs: number;
  /** Longest time that the event loop stood still during a refresh, and during as much time without one. */
  readonly pauseMs: number;
  readonly idlePauseMs: number;
  /** What the thread of the event loop worked during the refresh, all together, beyond what it does when idle. */
  readonly mainThreadMs: number;
  /** Look-ups in a second of a core, whoever else uses the machine. */
  readonly rates: Readonly<Record<string, number>>;
}

const asked = 100_000;
const rounds = 9;
const [path = "", entries = "0"] = process.argv.slice(2);

const list = await createIpList({
  purpose: "blocklist",
  sources: [path],
  refreshMs: 0,
  onRefresh({ sources: [source] }) {
    if (source?.outcome !== "loaded") throw new Error(JSON.stringify(source));
  },
});
globalThis.gc?.();
const residentMegabytes = process.memoryUsage.rss() / 1e6;

// The file is read again when its time is another one.
utimesSync(path, new Date(), new Date(Date.now() + 1000));
const refresh = await watch(() => list.refresh());
const idle = await watch(() => setTimeout(refresh.tookMs));

const figures: IpListFigures = {
  size: list.size,
  megabytes: list.report().bytes / 1e6,
  residentMegabytes,
  refreshMs: refresh.tookMs,
  pauseMs: refresh.pauseMs,
  idlePauseMs: idle.pauseMs,
  mainThreadMs: Math.max(0, refresh.workedMs - idle.workedMs),
  rates: Number(entries) > 0 ? measureRates(Number(entries)) : {},
};
await list.close();
process.send?.(figures);
process.disconnect?.();

async function watch(
  work: () => Promise<unknown>,
): Promise<{ tookMs: number; workedMs: number; pauseMs: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const [startedAt, workedBefore] = [performance.now(), threadMs()];
  await work();
  const [tookMs, workedMs] = [performance.now() - startedAt, threadMs() - workedBefore];
  // Until the clock has struck once more, or the last pause would not be seen.
  await setTimeout(5);
  delays.disable();
  return { tookMs, workedMs, pauseMs: delays.max / 1e6 };
}

function measureRates(count: number): Record<string, number> {
  const next = random(7);
  const listed = networks(count).filter((_, i) => i % Math.floor(count / asked / 2) < 2);
  const hits = (isIpv4: boolean) =>
    listed.map((network) => network.split("/")[0] ?? "").filter((ip) => ip.includes(".") === isIpv4);
  const misses = (address: typeof ipv4Address) =>
    Array.from({ length: asked }, () => address(next)).filter((ip) => !list.has(ip));
  const kinds = {
    ipv4Hit: hits(true),
    ipv4Miss: misses(ipv4Address),
    ipv6Hit: hits(false),
    ipv6Miss: misses(ipv6Address),
  };
  const rates = Object.entries(kinds).map(([kind, addresses]) => {
    // A string that was cut out of another one is read more slowly than what a socket gives.
    const flat = addresses.map((ip) => Buffer.from(ip).toString("latin1"));
    return [kind, median(Array.from({ length: rounds }, () => rateOf(flat, kind.endsWith("Hit"))))] as const;
  });
  return Object.fromEntries(rates);
}

function rateOf(addresses: readonly string[], expected: boolean): number {
  const workedBefore = threadMs();
  let right = 0;
  for (const ip of addresses) if (list.has(ip) === expected) right++;
  const seconds = (threadMs() - workedBefore) / 1000;
  if (right !== addresses.length) throw new Error(`${addresses.length - right} answers are wrong.`);
  return addresses.length / seconds;
}

/** Time that this thread had a core. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
