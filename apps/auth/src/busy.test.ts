// Whom the queue of passwords would turn away is turned away at once.

import { clientContext } from "@fluxstudio/guard/client-context";
import { requestContext } from "@fluxstudio/telemetry";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { busyMiddleware } from "./busy.ts";
import { createPasses } from "./front/passes.ts";
import { createPasswords } from "./passwords.ts";

const clientOf = (ip: string, door: string) => ({
  ...{ ip, door, method: "POST", path: "/", userAgent: undefined },
});

it("a sign-in for which there is no place goes no further, and others do", async () => {
  const passwords = createPasswords();
  const app = new Hono();
  app.use((c, next) => clientContext.run(clientOf(c.req.header("ip") ?? "", c.req.path.slice(1)), next));
  const seen: (string | undefined)[] = [];
  app.use(async (_, next) => {
    const request = {
      ...{ requestId: "0123456789abcdef", traceId: undefined, isSampled: false, isAnswered: false },
      refusal: undefined as { action: string; reason: string } | undefined,
    };
    await requestContext.run(request, next);
    seen.push(request.refusal?.reason);
  });
  const devices = { shown: (cookie: string) => [cookie] };
  const passes = createPasses({ now: () => 0 });
  app.use(busyMiddleware({ hashing: passwords, devices, passes }));
  app.post("/:door", (c) => c.text("looked at"));
  const ask = (door: string, ip: string, more = {}) =>
    app.request(`/${door}`, { method: "POST", headers: { ip, ...more } });
  const statuses = async (ip: string) =>
    Promise.all(["sign-in", "sign-up", "refresh"].map(async (door) => (await ask(door, ip)).status));

  const [crowded, other] = ["203.0.113.7", "203.0.113.8"];
  expect(await statuses(crowded)).toEqual([200, 200, 200]);
  const hashes = clientContext.run(clientOf(crowded, "sign-in"), () =>
    Promise.allSettled(Array.from({ length: 30 }, (_, i) => passwords.hash(`password ${i}`))),
  );
  const busy = await ask("sign-in", crowded);
  expect([busy.status, busy.headers.get("retry-after"), await busy.json()]).toEqual([
    503,
    "3",
    { code: "BUSY", message: "Too many sign-ins at once. Try again." },
  ]);
  expect(await statuses(crowded)).toEqual([503, 503, 200]);
  // These have no lines of their own in the log, and the others have.
  expect(seen.filter((reason) => reason === "busy")).toHaveLength(3);
  expect(await statuses(other)).toEqual([200, 200, 200]);
  // A device that is known somewhere comes past it, ten times in a minute.
  const asDevice = async () => (await ask("sign-in", crowded, { cookie: "device" })).status;
  const passed = await Promise.all(Array.from({ length: 12 }, asDevice));
  expect(passed).toEqual([...Array(10).fill(200), 503, 503]);
  await hashes;
  expect(await statuses(crowded)).toEqual([200, 200, 200]);
});
