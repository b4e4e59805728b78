// Which channels of alerts flux doctor finds fault with.

import type { AlertList } from "@fluxstudio/admin-api";
import { expect, it } from "vitest";
import { alertChannels } from "./alert-channels.ts";

type Incident = AlertList["incidents"][number];
type Delivery = Incident["deliveries"][number];

const incident = (...deliveries: Partial<Delivery>[]) => ({ deliveries }) as unknown as Incident;
const refused = { channel: "webhook", status: "queued", lastError: "it answered 401" } as const;
const sent = { channel: "webhook", status: "sent", lastError: null } as const;

it("a channel whose last alert was refused is found, with what came back and what to do", () => {
  const incidents = [incident({ ...refused, createdAt: 2 }), incident({ ...sent, createdAt: 1 })];
  expect(alertChannels({ incidents })).toEqual([
    {
      check: "alerts by webhook",
      ok: false,
      message: "it answered 401; see flux alerts list, and try flux alerts test",
    },
  ]);
});

it("a channel that works again, waits for its first try, or has nothing to tell is not", () => {
  const again = [incident({ ...refused, createdAt: 1 }, { ...sent, lastError: "it was away", createdAt: 2 })];
  const waiting = [incident({ channel: "mail", status: "queued", lastError: null, createdAt: 1 })];
  expect(alertChannels({ incidents: [...again, ...waiting] })).toEqual([]);
  expect(alertChannels({ incidents: [] })).toEqual([]);
});
