// A list of a million networks: look-ups a second, memory, and what a refresh does to the event loop; and beside net.BlockList, with
// fewer networks, because that one is filled on the event loop.

import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileIpList } from "@fluxstudio/guard/ip-list";
import { ipv4Address, ipv6Address, networks, random } from "./ip-list-data.ts";
import type { IpListFigures } from "./ip-list-process.ts";
import { median } from "./median.ts";

const entries = 1_000_000;
const rules = 100_000;
const rounds = 3;
const targets = { perCpuSecond: 3_000_000, megabytes: 40, pauseMs: 20 };
const program = new URL("ip-list-process.ts", import.meta.url);

export async function measureIpList(): Promise<object> {
  const directory = mkdtempSync(join(tmpdir(), "flux-bench-"));
  try {
    const [large, small] = [join(directory, "large.txt"), join(directory, "small.txt")];
    writeFileSync(large, networks(entries).join("\n"));
    writeFileSync(small, "203.0.113.7\n");
    const runs: IpListFigures[] = [];
    const emptyMegabytes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.push(await run(large, entries));
      emptyMegabytes.push((await run(small, 0)).residentMegabytes);
    }
    const middle = (figure: (one: IpListFigures) => number) => median(runs.map(figure));
    const kinds = Object.keys(runs[0]?.rates ?? {});
    const perCpuSecond = Object.fromEntries(
      kinds.map((kind) => [kind, Math.round(middle(({ rates }) => rates[kind] ?? 0))]),
    );
    const megabytes = tenths(middle((one) => one.megabytes));
    const pauseMs = tenths(middle((one) => one.pauseMs));
    const slowest = Math.min(...Object.values(perCpuSecond));
    return {
      networks: runs[0]?.size,
      perCpuSecond,
      megabytes,
      // Beyond that of a process with a list of one line: also what the thread that compiled it has left behind.
      residentMegabytes: tenths(middle((one) => one.residentMegabytes) - median(emptyMegabytes)),
      refreshMs: Math.round(middle((one) => one.refreshMs)),
      pauseMs,
      // Pauses of the same length without a refresh: those of a busy machine.
      idlePauseMs: tenths(middle((one) => one.idlePauseMs)),
      mainThreadMs: tenths(middle((one) => one.mainThreadMs)),
      blockList: compareWithBlockList(),
      targets,
      reached:
        slowest >= targets.perCpuSecond && megabytes <= targets.megabytes && pauseMs <= targets.pauseMs,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function run(path: string, count: number): Promise<IpListFigures> {
  const child = fork(program, [path, String(count)], { execArgv: ["--expose-gc"] });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as IpListFigures));
    child.once("exit", (code) => reject(new Error(`The process ended with ${code}.`)));
  });
}

/** Both with the same rules, asked the same addresses in turn. */
function compareWithBlockList() {
  const lines = networks(rules);
  const own = compileIpList(lines, { purpose: "blocklist" });
  const startedAt = performance.now();
  const peer = new BlockList();
  for (const line of lines) {
    const [address = "", length] = line.split("/");
    peer.addSubnet(address, Number(length), address.includes(":") ? "ipv6" : "ipv4");
  }
  const peerFillMs = Math.round(performance.now() - startedAt);
  const next = random(3);
  const addresses = Array.from({ length: 1000 }, (_, i) => (i % 2 ? ipv4Address(next) : ipv6Address(next)));
  const hits = lines.filter((_, i) => i % 200 < 2).map((line) => line.split("/")[0] ?? "");
  const asked = [...addresses, ...hits];
  const pairs = Array.from({ length: rounds }, () => {
    const one = rate(asked, 50, (ip) => own.has(ip));
    const other = rate(asked, 10, (ip) => peer.check(ip, ip.includes(":") ? "ipv6" : "ipv4"));
    if (one.found !== other.found * 5) throw new Error("The two do not agree.");
    return [one.perSecond, other.perSecond] as const;
  });
  return {
    rules,
    peerFillMs,
    ownPerSecond: Math.round(median(pairs.map(([one]) => one))),
    peerPerSecond: Math.round(median(pairs.map(([, other]) => other))),
    ratio: tenths(median(pairs.map(([one, other]) => one / other))),
  };
}

function rate(addresses: readonly string[], times: number, has: (ip: string) => boolean) {
  const startedAt = performance.now();
  let found = 0;
  for (let i = 0; i < times; i++) {
    for (const ip of addresses) if (has(ip)) found++;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { found, perSecond: (addresses.length * times) / seconds };
}

const tenths = (value: number) => Number(value.toFixed(1));
