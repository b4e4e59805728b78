// What is thrown before the application ends no process: its own request is answered, the next one is served.

import { expect, it } from "vitest";
import { failing, login, password, startFront } from "./test-front.ts";

const wrong = { email: "ada@example.com", password };

it("an error in the front is a 500 of that request, is told once, and says nothing to the client", async () => {
  let isBroken = false;
  const now = () => {
    if (isBroken) throw new Error("the clock is gone");
    return Date.now();
  };
  const { post, handedOn, lines, monitoring } = await startFront({}, now);
  isBroken = true;
  const answer = await post(login, wrong);
  isBroken = false;
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    code: "INTERNAL",
    message: "Something went wrong on our side.",
  });
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
  expect(handedOn).toEqual([]);
  const failures = lines.filter((line) => line.includes("A request failed"));
  expect(failures).toHaveLength(1);
  expect(JSON.parse(failures[0] ?? "")).toMatchObject({
    where: "front",
    err: { message: "the clock is gone" },
  });
  expect(await monitoring.metrics.text()).toMatch(
    /flux_http_request_duration_seconds_count\{.*status="5xx"\} 1/,
  );
  expect((await post(login, wrong)).status).toBe(401);
});

it("an error after the answer has begun ends its connection, not the process", async () => {
  const { origin } = await startFront();
  await expect(fetch(origin + failing).then((answer) => answer.text())).rejects.toThrow();
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
});
