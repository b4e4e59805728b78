// What was written is found again, by time, address, account, rule and severity, on both engines.

import type { SecurityEvent } from "@fluxstudio/guard";
import { createLogger } from "@fluxstudio/telemetry";
import { expect, it, onTestFinished } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { createEventStore } from "./event-store.ts";
import { decision, detection, securityEvent, start } from "./test-event.ts";

describeDatabases("the event store", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  async function setUp() {
    const database = await databases.migrated();
    const written: string[] = [];
    const logger = createLogger({ level: "info", stream: { write: (line) => void written.push(line) } });
    const store = createEventStore(database, { logger });
    onTestFinished(() => store.close().catch(() => {}));
    return { database, store, written };
  }

  async function filled(events: readonly SecurityEvent[]) {
    const { database, store } = await setUp();
    for (const event of events) void store.write(event);
    await store.flush();
    return { database, store };
  }

  it("gives an event back as it was written", async () => {
    const event = securityEvent(
      { userAgent: "'; drop table security_event; --\n\0\u2028😀", place: { country: "NL" } },
      { detections: [detection], decision },
    );
    const { store } = await filled([event]);
    const found = await store.find(event.id);
    expect(found).toEqual({
      event: JSON.parse(JSON.stringify(event)),
      owasp: "authn_login_fail_max",
      severity: "high",
      status: "failure",
    });
    expect(await store.find("no such")).toBeUndefined();
  });

  it("has stored an event that made a decision when its write resolves", async () => {
    const { database, store } = await setUp();
    const event = securityEvent({}, { detections: [detection], decision });
    await store.write(event);
    const other = createEventStore(database, { logger: createLogger({ level: "silent" }) });
    expect((await other.list({})).map((found) => found.event.id)).toEqual([event.id]);
  });

  it("fills the columns that are searched and exported", async () => {
    const { database } = await filled([
      securityEvent({ ip: "2001:db8::1" }, { detections: [detection], decision }),
    ]);
    const rows = await database.kysely.selectFrom("security_event").selectAll().execute();
    expect(rows).toEqual([
      expect.objectContaining({
        at: start,
        class_uid: 2004,
        activity_id: 1,
        owasp: "authn_login_fail_max",
        ip: "2001:db8::1",
        ip_value: "2001:db8::/64",
        rule: "brute-force",
        action: "block",
        refusals: 0,
      }),
    ]);
    expect(await database.kysely.selectFrom("security_detection").selectAll().execute()).toEqual([
      expect.objectContaining({ rule: "brute-force", scope: "ip", value: "203.0.113.7", mode: "enforce" }),
    ]);
  });

  it("stores an event once, however often it is written", async () => {
    const event = securityEvent({}, { detections: [detection] });
    const { database, store } = await filled([event, securityEvent()]);
    void store.write(event);
    void store.write(securityEvent());
    await store.flush();
    expect(await store.list({})).toHaveLength(3);
    expect(await database.kysely.selectFrom("security_detection").selectAll().execute()).toHaveLength(1);
  });

  it("lists newest first, page by page in both directions", async () => {
    const events = Array.from({ length: 10 }, (_, i) => securityEvent({ at: start + i }));
    const { store } = await filled(events.toReversed());
    const times = async (query: Parameters<typeof store.list>[0]) =>
      (await store.list(query)).map(({ event }) => event.at - start);
    expect(await times({ limit: 3 })).toEqual([9, 8, 7]);
    expect(await times({ limit: 3, before: events[7]?.id })).toEqual([6, 5, 4]);
    expect(await times({ limit: 3, after: events[2]?.id })).toEqual([5, 4, 3]);
    expect(await times({ after: events[9]?.id })).toEqual([]);
    expect(await times({ limit: 0 })).toEqual([9]);
    expect(await times({ limit: 1e9 })).toHaveLength(10);
  });

  it("finds by address, and by the /64 that an address is counted under", async () => {
    const { store } = await filled([
      securityEvent({ ip: "203.0.113.7" }),
      securityEvent({ ip: "2001:db8::1" }),
      securityEvent({ ip: "2001:db8::2" }),
    ]);
    const ips = async (ip: string) => (await store.list({ ip })).map(({ event }) => event.signal.ip).sort();
    expect(await ips("203.0.113.7")).toEqual(["203.0.113.7"]);
    expect(await ips("2001:DB8:0::1")).toEqual(["2001:db8::1"]);
    expect(await ips("2001:db8::/64")).toEqual(["2001:db8::1", "2001:db8::2"]);
    expect(await ips("no address")).toEqual([]);
  });

  it("finds by account", async () => {
    const { store } = await filled([securityEvent({ account: "a" }), securityEvent({ account: "b" })]);
    expect(await store.list({ account: "a" })).toHaveLength(1);
  });

  it("finds by any rule that matched or decided", async () => {
    const second = { ...detection, rule: "geographic-anomaly" };
    const { store } = await filled([
      securityEvent({}, { detections: [detection, second] }),
      securityEvent({}, { decision, refusals: { count: 7, since: start } }),
      securityEvent(),
    ]);
    expect(await store.list({ rule: "geographic-anomaly" })).toHaveLength(1);
    expect(await store.list({ rule: "brute-force" })).toHaveLength(2);
    expect(await store.list({ rule: "no such" })).toEqual([]);
  });

  it("finds by least severity", async () => {
    const { store } = await filled([
      securityEvent(),
      securityEvent({}, { detections: [{ ...detection, severity: "low" }] }),
      securityEvent({}, { detections: [{ ...detection, severity: "critical" }] }),
    ]);
    const severities = (await store.list({ minSeverity: "low" })).map((found) => found.severity);
    expect(severities.sort()).toEqual(["critical", "low"]);
  });

  it("combines what is asked for", async () => {
    const { store } = await filled([
      securityEvent({ account: "a" }, { detections: [detection] }),
      securityEvent({ account: "b" }, { detections: [detection] }),
    ]);
    expect(await store.list({ account: "a", rule: "brute-force", ip: "203.0.113.7" })).toHaveLength(1);
  });

  it("writes many events in few transactions", async () => {
    const { store } = await setUp();
    for (let i = 0; i < 2_000; i++)
      void store.write(securityEvent({ at: start + i }, { detections: [detection] }));
    await store.flush();
    expect(await store.list({ limit: 1_000, rule: "brute-force" })).toHaveLength(1_000);
    expect(store.status()).toEqual({ queued: 0, dropped: 0, failing: false });
  });

  it("keeps events while the database is gone, and says so once", async () => {
    const { database, store, written } = await setUp();
    await database.close();
    await expect(store.write(securityEvent({}, { detections: [detection], decision }))).rejects.toThrow();
    await expect(store.flush()).rejects.toThrow();
    expect(store.status()).toMatchObject({ queued: 1, failing: true });
    expect(written).toHaveLength(1);
  });

  it("gives up one event that the database refuses, and stores the others", async () => {
    const { store, written } = await setUp();
    void store.write(securityEvent());
    void store.write(securityEvent({}, { id: null as never }));
    void store.write(securityEvent());
    await store.flush();
    expect(await store.list({})).toHaveLength(2);
    expect(written).toHaveLength(1);
  });
});
