// A flood of wrong passwords from ten thousand addresses at a flux-auth as `npm start` runs it: what it takes, keeps, and still answers.
//
// Once as it comes, and once with a block in force for each of the addresses.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { loadavg } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
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
  const guesses = await floodOne(async () => {});
  const blocked = await floodOne(blockAddresses);
  const isGood = ({ grownMegabytes, healthMs }: typeof guesses) =>
    grownMegabytes < targets.grownMegabytes && healthMs.highest <= targets.healthMs;
  return { guesses, blocked, targets, reached: isGood(guesses) && isGood(blocked) };
}

async function floodOne(prepare: (server: Started) => Promise<void>) {
  const server = await npmStart({ TRUSTED_PROXIES: "127.0.0.1" });
  try {
    await pause(quietMs);
    const idle = server.residentMegabytes();
    // What nobody has asked for has not been loaded and compiled yet: a server that is attacked has served people before.
    await signInSome(server);
    await prepare(server);
    await pause(quietMs);
    const before = server.residentMegabytes();
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, server.residentMegabytes());
    }, 500);
    const probe = probeHealth(server);
    const answers = await flood(server);
    const healthMs = await probe.stop();
    const load = Number(loadavg()[0]?.toFixed(1));
    await pause(backMs);
    clearInterval(watch);
    const after = server.residentMegabytes();
    return {
      ...answers,
      residentMegabytes: { idle, before, highest, after },
      grownMegabytes: Number((highest - before).toFixed(1)),
      healthMs,
      events: await countEvents(server),
      load,
    };
  } finally {
    await server.stop();
  }
}

/** Wrong ones, each from an address and at an account of its own, as many at a time as an office has. */
async function signInSome({ url }: Started): Promise<void> {
  await inParallel(200, async (i) => {
    const answer = await fetch(`${url}/api/auth/login`, {
      method: "POST",
      headers: { ...jsonHeaders, "x-flux-client": "bench", "x-forwarded-for": `192.0.2.${i}` },
      body: JSON.stringify({ email: `person${i}@example.com`, password: "wrong" }),
    });
    if (answer.status !== 401) throw new Error(`A sign-in was answered with ${answer.status}.`);
    await answer.arrayBuffer();
  });
}

/** Those of flood.lua. */
async function blockAddresses({ url, dataDir }: Started): Promise<void> {
  const secret = readFileSync(join(dataDir, "secret"), "utf8").trimEnd();
  await inParallel(10_000, async (i) => {
    const answer = await fetch(`${url}/api/admin/security/decisions`, {
      method: "POST",
      headers: { ...jsonHeaders, authorization: `Bearer ${signOperatorToken(secret, Date.now())}` },
      body: JSON.stringify({ action: "block", scope: "ip", value: `10.${i >> 8}.${i & 255}.7` }),
    });
    if (!answer.ok) throw new Error(`A block was answered with ${answer.status}.`);
    await answer.arrayBuffer();
  });
}

const jsonHeaders = { "content-type": "application/json" };

async function inParallel(count: number, run: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: 8 }, work));
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
