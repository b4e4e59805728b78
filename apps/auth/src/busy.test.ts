// Whom the queue of passwords would turn away is turned away at once.

import { expect, it } from "vitest";
import { basePath } from "./auth.ts";
import { startTestApp } from "./test-app.ts";

it("a sign-in for which there is no place is answered before anybody looks at it, others are looked at", async () => {
  const { monitoring, post } = await startTestApp({ databaseUrl: ":memory:" });
  const [ip, other] = ["203.0.113.7", "203.0.113.8"];
  const signUps = Array.from({ length: 30 }, (_, i) =>
    post(
      `${basePath}/signup`,
      { name: "Ada", email: `ada${i}@example.com`, password: "correct horse battery" },
      ip,
    ),
  );
  const nothing = async (from: string) => (await post(`${basePath}/login`, {}, from)).status;
  // As many as one address may have waiting.
  const isFull = async () =>
    (await monitoring.metrics.text()).includes('flux_queue_length{queue="password-hashes"} 16');
  await expect.poll(isFull, { interval: 1 }).toBe(true);
  const busy = await post(`${basePath}/login`, {}, ip);
  expect(busy.status === 503 && (await busy.json())).toMatchObject({ code: "BUSY" });
  expect(busy.headers.get("retry-after")).toBe("3");
  expect(await nothing(other)).toBe(400);
  const statuses = (await Promise.all(signUps)).map(({ status }) => status);
  expect(statuses).toContain(200);
  expect(await nothing(ip)).toBe(400);
});
