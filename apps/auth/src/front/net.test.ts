// What is thrown before the application ends no process: its own request is answered, the next one is served.

import { expect, it } from "vitest";
import { login, password, startFront } from "./test-front.ts";

const wrong = { email: "ada@example.com", password };

it.each(["/elsewhere", login])(
  "%s: an error that nobody catches is a 500 of that request, is told once, and says nothing to the client",
  async (path) => {
    const { post, lines, monitoring } = await startFront();
    const answer = await post(path, wrong, { "x-fails": "before" });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({
      code: "INTERNAL",
      message: "Something went wrong on our side.",
    });
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/);
    const failures = lines.filter((line) => line.includes("A request failed"));
    expect(failures.map((line) => JSON.parse(line))).toMatchObject([
      { where: "front", err: { message: "and ends like this." } },
    ]);
    expect(await monitoring.metrics.text()).toMatch(
      /flux_http_request_duration_seconds_count\{.*status="5xx"\} 1/,
    );
    expect((await post(login, wrong)).status).toBe(401);
  },
);

it("an error after the answer has begun ends its connection, not the process", async () => {
  const { origin, post } = await startFront();
  const broken = post("/elsewhere", {}, { "x-fails": "while" });
  await expect(broken.then((answer) => answer.text())).rejects.toThrow();
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
});
