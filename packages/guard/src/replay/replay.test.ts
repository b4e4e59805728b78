import { describe, expect, it } from "vitest";
import { createReplay, type ReplayOptions } from "./replay.ts";
import type { ReplayDetection } from "./replay-tally.ts";

const start = Date.UTC(2026, 2, 2, 10, 0, 0);
const stamp = (seconds: number) => {
  const time = new Date(start + seconds * 1000).toISOString();
  return `02/Mar/2026:${time.slice(11, 19)} +0000`;
};

interface Asked {
  ip?: string;
  path?: string;
  method?: string;
  status?: number;
  agent?: string | null;
  user?: string;
}
function line(seconds: number, asked: Asked = {}): string {
  const {
    ip = "198.51.100.4",
    path = "/login",
    method = "POST",
    status = 401,
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    user = "-",
  } = asked;
  const fields = agent === null ? "" : ` "-" "${agent}"`;
  return `${ip} - ${user} [${stamp(seconds)}] "${method} ${path} HTTP/1.1" ${status} 5${fields}`;
}

async function run(lines: readonly (string | Buffer)[], options: Partial<ReplayOptions> = {}) {
  const detections: ReplayDetection[] = [];
  const bad: [number, string][] = [];
  const replay = createReplay({
    format: "nginx",
    onDetection: (detection) => detections.push(detection),
    onBadLine: (number, text) => bad.push([number, text]),
    ...options,
  });
  for (const one of lines) await replay.write(Buffer.concat([Buffer.from(one), Buffer.from("\n")]));
  await replay.end();
  return { detections, bad, summary: replay.summary() };
}
const times = (count: number, asked: Asked = {}, gap = 1) =>
  Array.from({ length: count }, (_, index) => line(index * gap, asked));

describe("replay of an access log", () => {
  it("blocks an address at its fifth failure, by the log's time, and counts what would have been refused", async () => {
    const { detections, summary } = await run(times(8));
    expect(detections).toEqual([
      {
        rule: "brute-force",
        at: start + 4000,
        scope: "ip",
        value: "198.51.100.4",
        severity: "high",
        response: "block",
        until: start + 4000 + 3_600_000,
        evidence: { count: 5, threshold: 5, windowMs: 300_000 },
      },
    ]);
    expect(summary).toEqual({
      lines: 8,
      parsed: 8,
      unparsed: 0,
      outside: 0,
      signals: 13,
      refused: 3,
      detections: { "brute-force": 1 },
      blocked: { ip: 1 },
    });
  });

  it("blocks nobody for four failures, for failures apart, for other paths, methods and answers", async () => {
    const quiet = [
      ...times(4),
      ...times(9, { ip: "198.51.100.5" }, 100),
      ...times(9, { ip: "198.51.100.6", path: "/cart" }),
      ...times(200, { ip: "198.51.100.7", path: "/api/auth/session", method: "GET" }, 0),
      ...times(9, { ip: "198.51.100.8", status: 200 }),
      ...times(9, { ip: "198.51.100.9", path: "/cart", status: 401 }),
    ];
    expect((await run(quiet)).summary).toMatchObject({ detections: {}, blocked: { ip: 0 } });
  });

  it("counts sign-in requests whatever comes of them", async () => {
    const { detections } = await run(times(60, { status: 200 }, 0.5));
    expect(detections).toMatchObject([{ rule: "bot-activity", response: "block", evidence: { count: 50 } }]);
  });

  it("counts IPv6 clients by /64, and blocks longer the second time", async () => {
    const far = Array.from({ length: 5 }, (_, i) => line(4000 + i, { ip: `2001:db8::f:${i}` }));
    const { detections } = await run([
      ...Array.from({ length: 5 }, (_, i) => line(i, { ip: `2001:db8::${i + 1}` })),
      ...far,
    ]);
    expect(detections.map(({ value, at, until }) => [value, (until ?? 0) - at])).toEqual([
      ["2001:db8::/64", 3_600_000],
      ["2001:db8::/64", 7_200_000],
    ]);
  });

  it("counts failures of HTTP authentication on any path, and shows no user name", async () => {
    const { detections } = await run(times(5, { path: "/private", method: "GET", user: "jo.doe" }));
    expect(detections).toHaveLength(1);
    expect(JSON.stringify(detections)).not.toContain("jo.doe");
  });

  it("records a tool, and one that sent no agent, but not one whose agent the log does not say", async () => {
    const { detections } = await run([
      line(0, { status: 200, agent: "curl/8.1" }),
      line(1, { status: 200, agent: "-", ip: "198.51.100.5" }),
      line(2, { status: 200, agent: null, ip: "198.51.100.6" }),
    ]);
    expect(detections.map(({ rule, value, response, until }) => [rule, value, response, until])).toEqual([
      ["suspicious-user-agent", "198.51.100.4", "record", null],
      ["suspicious-user-agent", "198.51.100.5", "record", null],
    ]);
  });

  it("blocks nobody for a rule in monitor", async () => {
    const { detections, summary } = await run(times(8), { settings: { "brute-force": { mode: "monitor" } } });
    expect(detections).toMatchObject([{ rule: "brute-force", response: "record", until: null }]);
    expect(summary).toMatchObject({ refused: 0, blocked: { ip: 0 } });
  });

  it("takes other thresholds, paths and statuses, and says what is wrong with them", async () => {
    const options = {
      settings: { "brute-force": { threshold: 2 } },
      signIn: { paths: ["enter"], failStatuses: [200] },
    };
    expect((await run(times(2, { path: "/enter", status: 200 }), options)).detections).toHaveLength(1);
    await expect(run([], { settings: { "brute-force": { threshold: 0 } } })).rejects.toMatchObject({
      code: "INVALID_RULES",
    });
  });

  it("leaves out lines before and after the times that are asked for", async () => {
    const range = { fromMs: start + 2000, toMs: start + 6000 };
    expect((await run(times(9), range)).summary).toMatchObject({
      lines: 9,
      parsed: 9,
      signals: 8,
      detections: {},
    });
  });

  it("counts bad lines, hands them over with their numbers, and goes on", async () => {
    const { bad, summary } = await run([
      line(0),
      "nonsense \x1b[2J",
      "",
      Buffer.from([0, 255, 254, 0]),
      "x".repeat(10_000_000),
      line(1),
    ]);
    expect(bad.map(([number, text]) => [number, text.slice(0, 12)])).toEqual([
      [2, "nonsense \x1b[2"],
      [4, "\0\ufffd\ufffd\0"],
      [5, "x".repeat(12)],
    ]);
    expect(bad.every(([, text]) => text.length <= 1024)).toBe(true);
    expect(summary).toMatchObject({ lines: 6, parsed: 3, unparsed: 3, signals: 4 });
  });

  it("reads a log with a byte order mark and Windows line ends", async () => {
    expect((await run([`\ufeff${line(0)}\r`, `${line(1)}\r`])).summary).toMatchObject({
      parsed: 2,
      unparsed: 0,
      outside: 0,
    });
  });
});

describe("replay of sshd's log", () => {
  const ssh = (second: number, message: string) =>
    `Mar  2 10:00:${String(second).padStart(2, "0")} host sshd[${100 + second}]: ${message}`;
  const wrong = (second: number, user = "root") =>
    ssh(second, `Failed password for ${user} from 198.51.100.4 port 22 ssh2`);

  it("finds guessing, without taking sshd for a client that sends no agent", async () => {
    const { detections } = await run(
      [0, 1, 2, 3, 4].map((second) => wrong(second)),
      { format: "sshd", year: 2026 },
    );
    expect(detections).toMatchObject([{ rule: "brute-force", at: start + 4000, scope: "ip" }]);
  });

  it("forgets the failures of an account that then signs in from the same address", async () => {
    const accepted = (user: string) => ssh(4, `Accepted password for ${user} from 198.51.100.4 port 22 ssh2`);
    const replay = (user: string) =>
      run([0, 1, 2, 3].map((second) => wrong(second)).concat(accepted(user), wrong(5)), { format: "sshd" });
    expect((await replay("root")).detections).toEqual([]);
    expect((await replay("other")).detections).toHaveLength(1);
  });

  it("counts each of the failures that one line sums up", async () => {
    const { summary } = await run(
      [
        wrong(0),
        ssh(1, `message repeated 4 times: [ Failed password for root from 198.51.100.4 port 22 ssh2]`),
      ],
      { format: "sshd" },
    );
    expect(summary.detections).toEqual({ "brute-force": 1 });
  });
});

describe("replay of signals", () => {
  const signal = (index: number, more: object = {}) =>
    JSON.stringify({ type: "sign-in-failure", at: start + index, ip: "198.51.100.4", ...more });

  it("counts one id once", async () => {
    const same = Array.from({ length: 9 }, () => signal(0, { id: "1" }));
    expect((await run(same, { format: "signals" })).detections).toEqual([]);
    expect(
      (
        await run(
          [0, 1, 2, 3, 4].map((i) => signal(i)),
          { format: "signals" },
        )
      ).detections,
    ).toHaveLength(1);
  });

  it("knows where a sign-in came from when it can look it up", async () => {
    const signIn = (index: number, ip: string) =>
      signal(index, { type: "sign-in-success", account: "a", ip });
    const place = (ip: string) => ({ country: ip.startsWith("198") ? "PT" : "JP" });
    const { detections } = await run([signIn(0, "198.51.100.4"), signIn(1, "203.0.113.9")], {
      format: "signals",
      place,
    });
    expect(detections).toMatchObject([
      { rule: "geographic-anomaly", scope: "account", value: "a", response: "record" },
    ]);
  });

  it("refuses those of a blocked address", async () => {
    const requests = [signal(9, { type: "request" }), signal(9, { type: "token-refresh", session: "s" })];
    const { summary } = await run([...[0, 1, 2, 3, 4].map((i) => signal(i)), ...requests], {
      format: "signals",
    });
    expect(summary).toMatchObject({ signals: 7, refused: 2 });
  });
});

it("A replay says the same twice", async () => {
  const log = [...times(30), ...times(70, { ip: "203.0.113.9", status: 200, user: "jo" }, 0.2)];
  expect(await run(log)).toEqual(await run(log));
});
