// A flood of wrong passwords from ten thousand addresses at a flux-auth as `npm start` runs it: what it takes, keeps, and still answers.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { npmStart, type Started } from "./npm-start.ts";
import { wrkPath } from "./wrk.ts";

const seconds = 60;
const perSecond = 5_000;
/** Some hundred of them wait until their password is looked at, and send nothing meanwhile. */
const connections = 1_200;
/** Between an answer and the next request; the answer itself takes its time as well. */
const delayMs = (connections / perSecond) * 1_000;
const quietMs = 15_000;
/** After the flood, until memory has to be back. */
const backMs = 90_000;
const probeMs = 50;
const targets = { grownMegabytes: 50, healthMs: 100 };

export async function measureFlood(): Promise<object> {
  if (!existsSync("/proc/self/status")) return { skipped: "only Linux says in /proc what a process takes" };
  const server = await npmStart({ TRUSTED_PROXIES: "127.0.0.1" });
  try {
    await pause(quietMs);
    const before = server.residentMegabytes();
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, server.residentMegabytes());
    }, 500);
    const probe = probeHealth(server);
    const answers = await flood(server);
    const healthMs = await probe.stop();
    await pause(backMs);
    clearInterval(watch);
    const after = server.residentMegabytes();
    const events = await countEvents(server);
    const grownMegabytes = Number((highest - before).toFixed(1));
    return {
      ...answers,
      residentMegabytes: { before, highest, after },
      grownMegabytes,
      healthMs,
      events,
      targets,
      reached: grownMegabytes < targets.grownMegabytes && healthMs.highest <= targets.healthMs,
    };
  } finally {
    await server.stop();
  }
}

async function flood({ url }: Started) {
  const script = new URL("flood.lua", import.meta.url).pathname;
  const args = ["--threads", "1", "--connections", String(connections), "--duration", `${seconds}s`];
  const { stdout } = await promisify(execFile)(
    wrkPath(),
    [...args, "--timeout", "10s", "--script", script, url],
    {
      env: { ...process.env, FLOOD_DELAY_MS: String(Math.round(delayMs)) },
    },
  );
  const statuses: Record<string, number> = Object.fromEntries(
    [...stdout.matchAll(/^status (\d+): (\d+)$/gm)].map(([, status, count]) => [status, Number(count)]),
  );
  const requests = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  if (requests === 0) throw new Error(`wrk reported:\n${stdout}`);
  return {
    perSecond: Math.round(requests / seconds),
    statuses,
    errors: /Socket errors: (.*)/.exec(stdout)?.[1],
  };
}

/** Asks /healthz all the time, one question after the other. */
function probeHealth({ url }: Started) {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const closing = new AbortController();
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const startedAt = performance.now();
      get(`${url}/healthz`, { agent }, (response) => {
        response.resume().once("end", () => {
          times.push(performance.now() - startedAt);
          resolve();
        });
      }).once("error", reject);
    });
  const asking = (async () => {
    while (!closing.signal.aborted) {
      await ask();
      await pause(probeMs);
    }
  })();
  return {
    async stop() {
      closing.abort();
      await asking;
      agent.destroy();
      times.sort((one, other) => one - other);
      const at = (share: number) => Number((times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1));
      return { asked: times.length, median: at(0.5), p99: at(0.99), highest: at(1) };
    },
  };
}

/** Of which kind, in the server's own database. */
async function countEvents({ dataDir }: Started) {
  const database = new DatabaseSync(join(dataDir, "flux.db"), { readOnly: true });
  const rows = database
    .prepare(
      "select action is not null as decided, refusals > 0 as summed, count(*) as n from security_event group by 1, 2",
    )
    .all();
  database.close();
  return rows;
}
