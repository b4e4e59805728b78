// Several processes on one PostgreSQL: what all of them see is one incident, and each alert is one process's to send.

import { expect, it } from "vitest";
import { describePostgres } from "../database/test-database.ts";
import { attack, minuteMs, startAlerts, startClock, testKey, waitMs } from "./test-alerts.ts";
import { startReceiver } from "./test-receiver.ts";

describePostgres("alerts of several processes", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("two processes that see the same attack at the same moment open one incident, and send one alert", async () => {
    const url = await databases.url();
    const receiver = await startReceiver();
    const clock = startClock();
    const webhook = { url: receiver.url, key: testKey, severity: "medium" } as const;
    const processes = [];
    for (let i = 0; i < 3; i++)
      processes.push(startAlerts(await databases.migratedAt(url), { webhook, perHour: 100 }, clock));
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        processes.map(({ write }) =>
          write(attack(`203.0.113.${round % 5}`), attack("192.0.2.1", { rule: `rule-${round}` })),
        ),
      );
    }
    clock.now += waitMs;
    await Promise.all(processes.map(({ sendDue }) => sendDue()));
    await Promise.all(processes.map(({ pass }) => pass(30 * minuteMs)));
    const kinds = Map.groupBy(receiver.requests, ({ body }) => body.type);
    expect(kinds.get("alert.opened")).toHaveLength(15);
    expect(kinds.get("alert.recovered")).toHaveLength(15);
    expect(new Set(receiver.requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(30);
    const detections =
      kinds.get("alert.opened")?.map(({ body }) => body.data.incident?.detections ?? 0) ?? [];
    expect(detections.reduce((sum, one) => sum + one)).toBe(60);
  });
});
