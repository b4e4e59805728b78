// Incidents and their alerts on a real database and a real receiver: one incident one alert, then updates, and its end.

import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import { describeDatabases } from "../database/test-database.ts";
import { runJob } from "../jobs/test-jobs.ts";
import { createAlertJob } from "./alert-jobs.ts";
import type { AlertSettings } from "./alert-settings.ts";
import type { AlertsOptions } from "./alerts.ts";
import {
  attack,
  hourMs,
  minuteMs,
  refusalsOf,
  startAlerts,
  startClock,
  testKey,
  waitMs,
} from "./test-alerts.ts";
import { startReceiver } from "./test-receiver.ts";

describeDatabases("alerts", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function start(settings: Partial<AlertSettings> = {}, options: Partial<AlertsOptions> = {}) {
    const database = await databases.migrated();
    const receiver = await startReceiver();
    const clock = startClock();
    const webhook = { url: receiver.url, key: testKey, severity: "medium" } as const;
    const more = () => startAlerts(database, { webhook, ...settings }, clock, options);
    const sent = () =>
      receiver.requests.map(({ body: { type, data } }) =>
        `${type} ${data.title} ${data.incident?.sequence ?? ""}`.trim(),
      );
    return { ...more(), database, receiver, clock, more, sent };
  }
  const rows = ({ kysely }: Database) =>
    kysely.selectFrom("alert_incident").selectAll().orderBy("id").execute();

  it("an attack is one incident and one alert, which waits for what belongs to it, however often it is detected", async () => {
    const { write, pass, sent, receiver, list } = await start();
    const first = attack("203.0.113.7");
    await write(first, attack("203.0.113.7"), attack("203.0.113.7"));
    await pass(waitMs - 1);
    expect(sent()).toEqual([]);
    await write(refusalsOf(first, 40));
    await pass(1);
    expect(sent()).toEqual(["alert.opened [high] brute-force: ip 203.0.113.7 1"]);
    expect(receiver.requests[0]?.body.data).toMatchObject({
      severity: "high",
      happened: "What brute-force looks for.",
      done: expect.stringMatching(
        /^Done: ip 203\.0\.113\.7 is blocked until .* UTC, by brute-force \(decision [\da-f-]{36}\)\.$/,
      ),
      incident: {
        status: "open",
        detections: 3,
        refused: 40,
        scope: "ip",
        value: "203.0.113.7",
        attack: "T1110.001",
      },
      next: expect.arrayContaining([{ what: "See why", command: "npx flux explain ip 203.0.113.7" }]),
    });
    await pass(minuteMs);
    await write(attack("203.0.113.7"));
    await pass(waitMs);
    expect(sent()).toHaveLength(1);
    expect(await list()).toMatchObject([
      { detections: 4, deliveries: [{ status: "sent", channel: "webhook" }] },
    ]);
  });

  it("one that goes on is told again with what changed, half as often each time", async () => {
    const { write, pass, sent, receiver, clock } = await start();
    const first = attack("203.0.113.7");
    await write(first);
    await pass(waitMs);
    const toldAfter: number[] = [];
    const begin = clock.now;
    for (let minute = 0; minute < 8 * 60; minute += 5) {
      await write(refusalsOf(first, 10));
      const before = receiver.requests.length;
      await pass(5 * minuteMs);
      if (receiver.requests.length > before) toldAfter.push(Math.round((clock.now - begin) / minuteMs));
    }
    expect(toldAfter).toEqual([30, 90, 210, 450]);
    expect(sent()[1]).toBe("alert.updated [high] goes on: brute-force: ip 203.0.113.7 2");
    expect(receiver.requests[1]?.body.data).toMatchObject({
      changed: "Since the last alert: 60 more requests refused.",
      incident: { refused: 60 },
    });
    expect(receiver.requests[2]?.body.data.changed).toBe("Since the last alert: 120 more requests refused.");
  });

  it("one that is quiet is over, which whoever was told of it is told, and the next time is a new one", async () => {
    const { write, pass, sent, receiver, database } = await start();
    await write(attack("203.0.113.7"));
    await pass(waitMs);
    await pass(30 * minuteMs);
    expect(sent()).toEqual([
      "alert.opened [high] brute-force: ip 203.0.113.7 1",
      "alert.recovered [over] brute-force: ip 203.0.113.7 2",
    ]);
    expect(receiver.requests[1]?.body.data).toMatchObject({
      happened: expect.stringMatching(
        /^Quiet since .* UTC; it began at .* UTC\. In all 1 detected, 0 requests refused\./,
      ),
      incident: { status: "closed" },
    });
    await pass(hourMs);
    expect(sent()).toHaveLength(2);
    await write(attack("203.0.113.7"));
    await pass(waitMs);
    expect(sent()[2]).toBe("alert.opened [high] brute-force: ip 203.0.113.7 1");
    expect(await rows(database)).toMatchObject([
      { closed_why: "quiet", open_key: null },
      { closed_at: null },
    ]);
  });

  it("a thousand addresses that do the same thing are one alert that says so", async () => {
    const { write, pass, sent, receiver, database } = await start();
    for (let i = 0; i < 10; i++) await write(attack(`198.51.100.${i}`));
    for (let block = 0; block < 10; block++) {
      await write(...Array.from({ length: 100 }, (_, i) => attack(`198.18.${block}.${i}`)));
    }
    await pass(waitMs);
    expect(sent()).toEqual([
      expect.stringMatching(
        /^alert\.opened \[high\] brute-force: about (?:9\d\d|1,[01]\d\d|1,000) addresses 1$/,
      ),
    ]);
    const { happened, incident } = receiver.requests[0]?.body.data ?? {};
    expect(happened).toMatch(/^About \S+ addresses do the same thing\. What brute-force looks for\.$/);
    expect(incident).toMatchObject({ kind: "many", scope: "ip", value: null, detections: 1_010 });
    expect(incident?.values?.sample).toHaveLength(5);
    // What is known of them is bounded, however many there are.
    const open = (await rows(database)).filter(({ closed_at }) => closed_at === null);
    expect(open).toHaveLength(1);
    expect(open[0]?.state.length).toBeLessThan(12_000);
    expect((await rows(database)).length).toBeLessThan(20);
  });

  it("ten addresses are ten incidents, the eleventh makes them one; those that were told before are not told again", async () => {
    const { write, pass, sent, list } = await start();
    for (let i = 1; i <= 10; i++) await write(attack(`198.51.100.${i}`));
    await pass(waitMs);
    expect(sent()).toHaveLength(10);
    await write(attack("198.51.100.11"));
    await pass(waitMs);
    expect(sent().slice(10)).toEqual(["alert.opened [high] brute-force: 11 addresses 1"]);
    expect((await list()).filter(({ closedWhy }) => closedWhy === "folded")).toHaveLength(10);
    await pass(30 * minuteMs);
    expect(sent().slice(11)).toEqual(["alert.recovered [over] brute-force: 11 addresses 2"]);
  });

  it("rules, scopes and values that differ are incidents that differ", async () => {
    const { write, pass, sent } = await start();
    await write(
      attack("203.0.113.7"),
      attack("203.0.113.8"),
      attack("203.0.113.7", { rule: "bot-activity", severity: "medium" }),
      attack("203.0.113.7", { scope: "account", value: "hash" }),
    );
    await pass(waitMs);
    expect(sent().sort()).toEqual([
      "alert.opened [high] brute-force: account hash 1",
      "alert.opened [high] brute-force: ip 203.0.113.7 1",
      "alert.opened [high] brute-force: ip 203.0.113.8 1",
      "alert.opened [medium] bot-activity: ip 203.0.113.7 1",
    ]);
  });

  it("what is too mild waits for the digest, which is sent once a day and says what it was", async () => {
    const { write, pass, sent, receiver, list } = await start();
    const mild = { severity: "low", decided: false, mode: "monitor" } as const;
    await write(attack("203.0.113.7", { rule: "suspicious-user-agent", ...mild }));
    await write(attack("203.0.113.8", { rule: "suspicious-user-agent", ...mild }));
    await pass(waitMs);
    await pass(hourMs);
    expect(sent()).toEqual([]);
    expect(await list()).toMatchObject([{ deliveries: [{ status: "held", heldFor: "severity" }] }, {}]);
    await pass(24 * hourMs);
    await pass(minuteMs);
    expect(sent()).toEqual(["alert.digest Digest: 2 incidents"]);
    const { happened, facts, incidents } = receiver.requests[0]?.body.data ?? {};
    expect(happened).toMatch(/: 2 alerts were too mild to be told at once\.$/);
    expect(facts).toContainEqual({
      label: "low, suspicious-user-agent",
      value: expect.stringMatching(/^ip 203\.0\.113\.7: 1 detected since .*, over at /),
    });
    expect(incidents).toHaveLength(2);
    await pass(24 * hourMs);
    expect(sent()).toHaveLength(1);
  });

  it("what is too mild and goes on is in the digest of each day", async () => {
    const { write, pass, sent } = await start();
    for (let hour = 0; hour < 60; hour++) {
      await write(attack("203.0.113.7", { severity: "low" }));
      await pass(hourMs / 3);
      await write(attack("203.0.113.7", { severity: "low" }));
      await pass(hourMs / 3);
      await write(attack("203.0.113.7", { severity: "low" }));
      await pass(hourMs / 3);
    }
    const digests = sent().filter((line) => line.startsWith("alert.digest"));
    expect(digests).toEqual(sent());
    expect(digests.length).toBeGreaterThanOrEqual(2);
    expect(digests.length).toBeLessThanOrEqual(3);
  });

  it("without digests what is too mild is told nobody", async () => {
    const { write, pass, sent, list } = await start({ digestMs: 0 });
    await write(attack("203.0.113.7", { severity: "low" }));
    await pass(48 * hourMs);
    expect(sent()).toEqual([]);
    expect(await list()).toMatchObject([{ severity: "low", deliveries: [] }]);
  });

  it("above the cap alerts are held back, counted, and told in one digest ten minutes later", async () => {
    const { write, pass, sent, receiver } = await start({ perHour: 3 });
    for (let i = 0; i < 8; i++) await write(attack(`203.0.113.${i}`));
    await pass(waitMs);
    expect(sent()).toHaveLength(3);
    await pass(10 * minuteMs);
    const digests = receiver.requests.filter(({ body }) => body.type === "alert.digest");
    expect(digests.map(({ body }) => body.data.title)).toEqual([
      expect.stringMatching(/^Digest: 5 incidents, \d alerts held back$/),
    ]);
    expect(digests[0]?.body.data.happened).toMatch(
      /\d were held back, because there were too many within an hour\.$/,
    );
  });

  it("what one rule finds is told, however many alerts another one has caused; a second one waits as all do", async () => {
    const { write, pass, sent, receiver } = await start({ perHour: 3 });
    for (let i = 0; i < 8; i++) await write(attack(`203.0.113.${i}`));
    await write(attack("198.51.100.1", { rule: "refresh-token-reuse" }));
    await write(attack("198.51.100.2", { rule: "refresh-token-reuse" }));
    await pass(waitMs);
    expect(sent().filter((title) => title.includes("refresh-token-reuse"))).toEqual([
      "alert.opened [high] refresh-token-reuse: ip 198.51.100.1 1",
    ]);
    await pass(10 * minuteMs);
    const digest = receiver.requests.find(({ body }) => body.type === "alert.digest");
    expect(digest?.body.data.incidents?.map(({ value }) => value)).toContain("198.51.100.2");
  });

  it("who keeps an incident of his own going does not silence the next one by the same rule", async () => {
    const { write, pass, sent } = await start({ perHour: 3 });
    const own = attack("own account", { rule: "refresh-token-reuse", scope: "account" });
    await write(own);
    for (let minute = 0; minute < 100; minute += 10) {
      await write(refusalsOf(own, 1));
      await pass(10 * minuteMs);
    }
    for (let i = 0; i < 8; i++) await write(attack(`203.0.113.${i}`));
    await write(attack("victim", { rule: "refresh-token-reuse", scope: "account" }));
    await pass(waitMs);
    const ofRule = sent().filter((title) => title.includes("refresh-token-reuse"));
    expect(ofRule).toEqual([
      "alert.opened [high] refresh-token-reuse: account own account 1",
      "alert.updated [high] goes on: refresh-token-reuse: account own account 2",
      "alert.updated [high] goes on: refresh-token-reuse: account own account 3",
      "alert.opened [high] refresh-token-reuse: account victim 1",
    ]);
  });

  it("above the cap what goes on has one place for each rule, too, and no more", async () => {
    const { write, pass, sent } = await start({ perHour: 3 });
    const attacks = [...Array(8)].map((_, i) => attack(`203.0.113.${i}`));
    await write(...attacks);
    await pass(waitMs);
    for (let minute = 0; minute < 50; minute += 10) {
      for (const one of attacks) await write(refusalsOf(one, 1));
      await pass(10 * minuteMs);
    }
    expect(sent().filter((title) => title.startsWith("alert.opened"))).toHaveLength(3);
    expect(sent().filter((title) => title.startsWith("alert.updated"))).toHaveLength(1);
  });

  it("a digest names something of each rule, however many are by one", async () => {
    const { write, pass, receiver } = await start();
    const mild = (ip: string, rule: string) => attack(ip, { rule, severity: "low" });
    await write(mild("198.51.100.1", "geographic-anomaly"));
    for (let i = 0; i < 30; i++) {
      await write(mild(`203.0.113.${i}`, "suspicious-user-agent"));
      await pass(2 * minuteMs);
    }
    await pass(24 * hourMs);
    const digest = receiver.requests.find(({ body }) => body.type === "alert.digest");
    const rules = digest?.body.data.incidents?.map(({ rule }) => rule) ?? [];
    expect(rules).toHaveLength(20);
    expect(rules).toContain("geographic-anomaly");
  });

  it("addresses that come slowly, and all stay, are one incident in the end", async () => {
    const { write, pass, database } = await start({ perHour: 1_000 });
    const open = async () => (await rows(database)).filter(({ closed_at }) => closed_at === null);
    for (let i = 0; i < 50; i++) {
      await write(...[...Array(i + 1)].map((_, one) => attack(`203.0.113.${one}`)));
      if (i < 49) await pass(2 * minuteMs);
    }
    expect(await open()).toHaveLength(50);
    await write(attack("203.0.113.50"));
    expect((await open()).map(({ kind }) => kind)).toEqual(["many"]);
  });

  it("one that has grown tenfold since it was told is told again, though it was to be told seldom by now", async () => {
    const { write, pass, sent } = await start();
    await write(attack("203.0.113.7"));
    for (let i = 0; i < 24; i++) {
      await pass(29 * minuteMs);
      await write(attack("203.0.113.7"));
    }
    const before = sent().length;
    await write(...[...Array(500)].map(() => attack("203.0.113.7")));
    await pass(29 * minuteMs);
    await write(attack("203.0.113.7"));
    await pass(minuteMs);
    expect(sent().slice(before)).toEqual([expect.stringMatching(/^alert\.updated /)]);
  });

  it("one that becomes worse is told at once where it was too mild before, and once", async () => {
    const { write, pass, sent } = await start();
    await write(attack("203.0.113.7", { rule: "geographic-anomaly", severity: "low" }));
    await pass(hourMs / 4);
    await write(attack("203.0.113.7", { rule: "geographic-anomaly", severity: "high" }));
    await pass(waitMs);
    expect(sent()).toEqual(["alert.opened [high] geographic-anomaly: ip 203.0.113.7 1"]);
    await pass(30 * hourMs);
    expect(sent().slice(1)).toEqual(["alert.recovered [over] geographic-anomaly: ip 203.0.113.7 2"]);
  });

  it("one that becomes worse after it was told is told again at once, with what it was", async () => {
    const { write, pass, sent, receiver } = await start();
    await write(attack("203.0.113.7", { severity: "medium" }));
    await pass(waitMs);
    await write(attack("203.0.113.7", { severity: "critical" }));
    await pass(0);
    expect(sent()).toEqual([
      "alert.opened [medium] brute-force: ip 203.0.113.7 1",
      "alert.updated [critical] goes on: brute-force: ip 203.0.113.7 2",
    ]);
    expect(receiver.requests[1]?.body.data.changed).toBe(
      "Since the last alert: its severity rose from medium to critical, 1 more detected.",
    );
  });

  it("a window store that is away is an incident of the server, and its return is told", async () => {
    let degraded: ReturnType<AlertsOptions["degraded"]>;
    const { pass, sent, receiver, clock } = await start({}, { degraded: () => degraded });
    degraded = { reason: "STORE_UNAVAILABLE", since: clock.now };
    await pass(0);
    await pass(waitMs);
    expect(sent()).toEqual(["alert.opened [high] counts are local 1"]);
    expect(receiver.requests[0]?.body.data.happened).toMatch(
      /counts are local since .* UTC, so each process/,
    );
    degraded = undefined;
    await pass(3 * minuteMs);
    expect(sent().slice(1)).toEqual(["alert.recovered [over] counts are local 2"]);
  });

  it("events that are dropped are an incident of the server, with how many", async () => {
    let dropped = 0;
    const { pass, sent, receiver } = await start({}, { dropped: () => dropped });
    await pass(0);
    dropped = 70;
    await pass(0);
    await pass(waitMs);
    expect(sent()).toEqual(["alert.opened [high] events are lost 1"]);
    expect(receiver.requests[0]?.body.data.happened).toContain("70 were dropped");
  });

  it("events that are dropped while the database is away are told of when it is back", async () => {
    let dropped = 0;
    const { pass, tick, sent, database } = await start({}, { dropped: () => dropped });
    await pass(0);
    await sql`alter table alert_incident rename to away`.execute(database.kysely);
    dropped = 70;
    await tick();
    await sql`alter table away rename to alert_incident`.execute(database.kysely);
    await pass(0);
    await pass(waitMs);
    expect(sent()).toEqual(["alert.opened [high] events are lost 1"]);
  });

  it("an incident that the database refuses keeps no other one back", async () => {
    const { write, pass, sent, lines } = await start();
    // PostgreSQL keeps no text as long as this in an index. SQLite takes it, and it is cut where it is shown.
    const refused = [...Array(2_000)].map((_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000)));
    const attacks = ["203.0.113.7", refused.join(""), "203.0.113.8"].map((ip) => attack(ip));
    await write(...attacks);
    await pass(waitMs);
    expect(sent().filter((title) => /203\.0\.113\.[78]/.test(title))).toHaveLength(2);
    expect(lines.filter(({ message }) => message.includes("trying again"))).toEqual([]);
  });

  it("a batch that is stored in parts counts nothing twice when the database fails in the midst of it", async () => {
    const { write, pass, list, database } = await start();
    const mend = await damage(database, { refused: "203.0.113.8", failing: "203.0.113.9" });
    const attacks = ["203.0.113.7", "203.0.113.8", "203.0.113.9"].map((ip) => attack(ip));
    await expect(write(...attacks)).rejects.toThrow("overflow");
    expect(await list()).toMatchObject([{ value: "203.0.113.7", detections: 1 }]);
    await expect(write(attack("203.0.113.9"))).rejects.toThrow("overflow");
    await mend();
    await write();
    await pass(waitMs);
    const counted = (await list()).map(({ value, detections }) => [value, detections]);
    expect(counted.sort()).toEqual([
      ["203.0.113.7", 1],
      ["203.0.113.9", 2],
    ]);
  });

  it("what is over for ninety days is deleted, and what goes on stays", async () => {
    const { write, pass, database, clock } = await start();
    await write(attack("203.0.113.7"));
    await pass(waitMs);
    await pass(30 * minuteMs);
    await write(attack("203.0.113.8"));
    clock.now += 91 * 24 * hourMs;
    await write(attack("203.0.113.8"));
    const job = createAlertJob({ database });
    expect((await runJob(job, { ...clock, dryRun: true })).counts).toEqual({
      deliveries: 3,
      alerts: 3,
      incidents: 1,
    });
    expect(await rows(database)).toHaveLength(2);
    expect((await runJob(job, clock)).counts).toEqual({ deliveries: 3, alerts: 3, incidents: 1 });
    expect(await rows(database)).toMatchObject([{ value: "203.0.113.8", closed_at: null }]);
  });

  it("without a channel nothing is kept, and the log says so once", async () => {
    const database = await databases.migrated();
    const off = startAlerts(database, {}, startClock());
    expect(off.sinks).toEqual([]);
    expect(off.lines).toEqual([
      { level: "info", fields: {}, message: expect.stringMatching(/^Alerts are off: set ALERT_MAIL_TO/) },
    ]);
    await off.pass(hourMs);
    expect(await off.list()).toEqual([]);
    expect(await off.test()).toEqual([]);
  });
});

/** Of the incidents one value is refused as a value, and another one makes the database fail. @returns what undoes that */
async function damage(
  { kysely, dialect }: Database,
  { refused, failing }: { readonly refused: string; readonly failing: string },
): Promise<() => Promise<unknown>> {
  const run = (statement: string) => sql.raw(statement).execute(kysely);
  if (dialect === "sqlite") {
    await run(`create trigger damage before insert on alert_incident begin
      select raise(abort, 'refused') where new.value = '${refused}';
      select abs(-9223372036854775807 - 1) where new.value = '${failing}';
    end`);
    return () => run("drop trigger damage");
  }
  await run(`create function damage() returns trigger language plpgsql as $$ begin
    if new.value = '${refused}' then raise check_violation; end if;
    if new.value = '${failing}' then raise exception 'overflow' using errcode = '58000'; end if;
    return new;
  end $$`);
  await run("create trigger damage before insert on alert_incident for each row execute function damage()");
  return async () => {
    await run("drop trigger damage on alert_incident");
    await run("drop function damage");
  };
}
