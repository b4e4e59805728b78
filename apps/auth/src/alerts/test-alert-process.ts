// A process that opens incidents and sends their alerts, to be killed: says what is stored, once it is.

import { uuidv7 } from "@fluxstudio/guard";
import { openDatabase } from "../database/database.ts";
import { decision, detection, securityEvent } from "../events/test-event.ts";
import { createAlerts } from "./alerts.ts";

const [databaseUrl = "", receiverUrl = "", life = "", attacks = "0"] = process.argv.slice(2);
const key = Buffer.from("a key of thirty-two bytes, no less");
const minuteMs = 60_000;

const database = await openDatabase(databaseUrl);
const alerts = createAlerts({
  database,
  settings: {
    ...{ mail: undefined, slack: undefined, webhook: { url: receiverUrl, key, severity: "low" } },
    ...{ perHour: 1_000_000, updateMs: 60 * minuteMs, quietMs: 60 * minuteMs, digestMs: 0 },
  },
  publicUrl: "https://auth.example.com",
  summaryOf: () => undefined,
  logger: { info() {}, warn() {}, error: (fields: unknown) => console.error(fields) },
  mailer: { goTo: "nowhere", enqueue: async () => "no-address", find: async () => undefined },
  ...{ degraded: () => undefined, dropped: () => 0, now: Date.now },
  ...{ tickMs: 50, waitMs: 0, leaseMs: 500 },
});

// It lives until it is killed.
setInterval(() => {}, minuteMs);
// Nobody reads it any more when the test is over.
process.stdout.on("error", () => {});
process.stdout.write("ready\n");
for (let i = 0; i < Number(attacks); i++) {
  const rule = `rule-${life}-${i}`;
  const found = { ...detection, rule };
  const made = { ...decision, id: uuidv7(Date.now()), rule };
  await alerts.sinks[0]?.write(securityEvent({}, { detections: [found], decision: made }));
  process.stdout.write(`stored ${rule}\n`);
}
