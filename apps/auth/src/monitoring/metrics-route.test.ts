// Who may read the metrics, and that whoever floods the server with whatever chooses none of their labels.

import { expect, it } from "vitest";
import { asOperator, program, startTestApp } from "../test-app.ts";

const metricsToken = "mT7xQ2bN5vC8zL1kJ4hG6fD9sA3pO0iU";

const start = () => startTestApp({ databaseUrl: ":memory:", env: { METRICS_TOKEN: metricsToken } });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

it("Prometheus reads them with its token, whatever is decided about its address", async () => {
  const { ask, guard } = await start();
  await guard.decide(
    { action: "block", scope: "ip", value: "192.0.2.9", origin: "admin", until: null },
    Date.now(),
  );
  const answer = await ask("/metrics", bearer(metricsToken), "192.0.2.9");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toContain("# TYPE flux_http_request_duration_seconds histogram");
  expect((await ask("/metrics", { headers: asOperator() }, "192.0.2.9")).status).toBe(200);
});

it("strangers do not, and guessing at the token ends like any other guessing", async () => {
  const { ask } = await start();
  const strange = await ask("/metrics", {}, "192.0.2.1");
  expect(strange.status).toBe(401);
  const said = await strange.text();
  expect(said).toContain("Send METRICS_TOKEN, or an operator token");
  expect(said).not.toContain("flux_");
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) {
    statuses.push((await ask("/metrics", bearer(`${metricsToken}${i}`), "192.0.2.2")).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 403]);
  expect((await ask("/metrics", bearer(""), "192.0.2.3")).status).toBe(401);
});

it("without METRICS_TOKEN operators read them, and no text is a token", async () => {
  const { ask } = await startTestApp({ databaseUrl: ":memory:" });
  expect((await ask("/metrics", { headers: asOperator() }, "192.0.2.1")).status).toBe(200);
  expect((await ask("/metrics", bearer("undefined"), "192.0.2.2")).status).toBe(401);
});

it("the token opens nothing but the metrics", async () => {
  const { ask } = await start();
  expect((await ask("/api/admin/security/decisions", bearer(metricsToken), "192.0.2.1")).status).toBe(401);
  expect((await ask("/performance", bearer(metricsToken), "192.0.2.1")).status).toBe(401);
});

it("a page of elsewhere cannot get its visitors blocked here", async () => {
  const { ask, post } = await start();
  const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
  for (const path of ["/metrics", "/performance"]) {
    for (let i = 0; i < 60; i++) {
      expect((await ask(path, { headers: image }, "192.0.2.1")).status).toBe(403);
    }
  }
  const body = { email: "ada@example.com", password: "wrong password" };
  expect((await post("/api/auth/login", body, "192.0.2.1")).status).toBe(401);
});

it("random paths, methods and headers make no more series than there are routes", async () => {
  const { ask, post, monitoring } = await start();
  const seriesOf = async () =>
    (await monitoring.metrics.text()).split("\n").filter((line) => line.startsWith("flux_http"));
  const flood = async (round: number) => {
    for (let i = 0; i < 60; i++) {
      const made = `${round}-${i}`;
      const headers = { ...program, "user-agent": `agent-${made}`, traceparent: `00-${made}` };
      const ip = `198.18.${round}.${i & 255}`;
      for (const path of [
        `/${made}`,
        `/api/auth/${made}/sign-in/email`,
        `/api/auth/reset-password/${made}`,
        `/api/${"auth/".repeat(i % 20)}login?email=${made}@example.com`,
        `/assets/${made}.js`,
      ]) {
        await ask(path, { headers, method: i % 3 === 0 ? `M${made}` : "GET" }, ip);
      }
    }
    await post("/api/auth/login", { email: `${round}@example.com`, password: "x" }, `198.19.0.${round}`);
  };
  await flood(1);
  const before = await seriesOf();
  await flood(2);
  const after = await seriesOf();
  expect(after.length).toBe(before.length);
  expect(after.length).toBeLessThan(300);
  const text = after.join("\n");
  expect(text).toContain('method="other",route="other"');
  expect(text).toContain('route="/api/auth/reset-password/:token"');
  expect(text).not.toMatch(/1-1|agent|example\.com|198\.1/);
});

it("degraded says what is missing and why", async () => {
  const services = await startTestApp({
    databaseUrl: ":memory:",
    env: { REDIS_URL: "redis://127.0.0.1:1", FLUX_SECRET: "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC" },
  });
  const text = await services.monitoring.metrics.text();
  expect(text).toContain('flux_degraded{component="windows",reason="STORE_UNAVAILABLE"} 1');
  expect(text).toMatch(/flux_degraded_since_timestamp_seconds\{component="windows"\} 1\.?\d+/);
});
