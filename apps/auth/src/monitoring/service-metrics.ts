// What waits, what was given up, and what flux-auth does without: read when somebody asks.

import type { Metrics } from "@fluxstudio/telemetry";
import type { Monitored } from "./monitoring.ts";

export function addServiceMetrics(
  metrics: Metrics,
  { database, degraded, events, mailer, passwords, room }: Omit<Monitored, "windows">,
): void {
  const components = Object.entries(degraded);
  metrics.gauge(
    {
      name: "flux_degraded",
      help: "1 while the service does without something that it can do without, with the reason.",
      labels: ["component", "reason"],
    },
    () =>
      components.map(([component, ask]) => {
        const found = ask();
        return { labels: { component, reason: found?.reason ?? "none" }, value: found ? 1 : 0 };
      }),
  );
  metrics.gauge(
    {
      name: "flux_degraded_since_timestamp_seconds",
      help: "Since when it does without it, in seconds since 1970; only while it does.",
      labels: ["component"],
    },
    () =>
      components.flatMap(([component, ask]) => {
        const found = ask();
        return found ? [{ labels: { component }, value: found.since / 1000 }] : [];
      }),
  );
  // Two numbers of one question to the database.
  let asked: ReturnType<typeof mailer.status> | undefined;
  const mails = () => {
    asked ??= mailer.status().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  metrics.queue("security-events", () => events.status().queued);
  metrics.queue("mail-outbox", async () => (await mails()).queued);
  metrics.queue("alert-outbox", async () => {
    const { waiting } = await database.kysely
      .selectFrom("alert_delivery")
      .select(({ fn }) => fn.countAll<number | string>().as("waiting"))
      .where("status", "=", "queued")
      .executeTakeFirstOrThrow();
    return Number(waiting);
  });
  // Most wait before they are in the application.
  const hashes = (of: "waiting" | "refused") => passwords.status()[of] + room.status()[of];
  metrics.queue("password-hashes", () => hashes("waiting"));
  metrics.gauge(
    { name: "flux_mails_dead", help: "Mails that were given up; `flux mail list` shows them." },
    async () => (await mails()).dead,
  );
  metrics.total(
    {
      name: "flux_queue_refused_total",
      help: "What found no place in a queue, and was dropped or refused.",
      labels: ["queue"],
    },
    async () => [
      { labels: { queue: "security-events" }, value: events.status().dropped },
      { labels: { queue: "mail-outbox" }, value: (await mails()).refused },
      { labels: { queue: "password-hashes" }, value: hashes("refused") },
    ],
  );
  metrics.gauge(
    { name: "flux_password_hashes_running", help: "Passwords that are being hashed." },
    () => passwords.status().running,
  );
}
